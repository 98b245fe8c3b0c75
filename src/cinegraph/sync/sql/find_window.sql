-- How a day of a feed stands.
-- Parameters: source, kind text; day date. Returns: at most one row. Locks: none. Index: primary key.
SELECT
    day, state, pages, ids, known_ids, new_ids, reads, failures, error_code, error, read_at, done_at
FROM change_windows
WHERE source = %(source)s AND kind = %(kind)s AND day = %(day)s
