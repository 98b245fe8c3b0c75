-- What: how far `search_jobs` looks. Composed in `browse` of: jobs, as there.
-- Parameters: first_id, last_id bigint: between which ids; look_at bigint. Returns: one row: jobs looked at, the last one's id.
-- Locks: none. Index: as there.
SELECT count(*), min(id)
FROM ({jobs} ORDER BY id DESC LIMIT %(look_at)s) AS job
