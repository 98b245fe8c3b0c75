-- Take the waiting jobs of a run out of the queues, because it is paused; what runs already ends.
-- Parameters: run text: its number. Returns: nothing; the row count tells how many. Locks: the rows.
-- Index: oban_jobs_run_index.
DELETE FROM oban_jobs
WHERE meta ? 'run_id' AND meta ->> 'run_id' = %(run)s AND state IN ('available', 'scheduled', 'retryable')
