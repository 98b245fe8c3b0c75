-- Give up a day of a feed and the open ones before it, and forget their ids.
-- Parameters: source, kind, reason text; day date; now timestamptz. Returns: nothing; its row count is how many days.
-- Locks: the rows.
WITH forgotten AS (
    DELETE FROM change_window_ids
    WHERE source = %(source)s AND kind = %(kind)s AND day <= %(day)s
)
UPDATE change_windows SET
    state = 'lost',
    error_code = 'lost',
    error = %(reason)s,
    done_at = %(now)s
WHERE source = %(source)s AND kind = %(kind)s AND day <= %(day)s AND state = 'open'
