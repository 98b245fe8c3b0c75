-- What: counts the jobs of all states. Parameters: none. Returns: count. Locks: none; an index-only scan where vacuumed.
SELECT count(*) FROM oban_jobs
