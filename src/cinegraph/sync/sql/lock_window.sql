-- Keep a day of a feed from being written by another reading; nothing when it is done, lost, or was read later.
-- Parameters: source, kind text; day date; began_at timestamptz. Returns: day. Locks: the row.
SELECT day FROM change_windows
WHERE source = %(source)s
  AND kind = %(kind)s
  AND day = %(day)s
  AND state = 'open'
  AND (read_at IS NULL OR read_at < %(began_at)s)
FOR NO KEY UPDATE
