-- The newest days of a feed, newest first.
-- Parameters: source, kind text; limit integer. Returns: rows. Locks: none. Index: primary key.
SELECT
    day, state, pages, ids, known_ids, new_ids, reads, failures, error_code, error, read_at, done_at
FROM change_windows
WHERE source = %(source)s AND kind = %(kind)s
ORDER BY day DESC
LIMIT %(limit)s
