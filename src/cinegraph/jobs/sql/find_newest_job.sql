-- The newest job's id, 0 when there is none. Parameters: none. Returns: one row. Locks: none. Index: primary key.
SELECT coalesce(max(id), 0) FROM oban_jobs
