-- Delete one batch of completed jobs that the feeder made: their outcome stands in the ledger and in the runs.
-- Parameters: queues text[]; keep double precision: seconds since they ended; batch int.
-- Returns: nothing; the row count tells how many went. Locks: the rows deleted; those locked by others are left.
-- Index: oban_jobs_completed_at_index.
DELETE FROM oban_jobs
WHERE id IN (
    SELECT id
    FROM oban_jobs
    WHERE state = 'completed'
      AND queue = ANY (%(queues)s::text[])
      AND completed_at <= timezone('UTC', clock_timestamp()) - make_interval(secs => %(keep)s)
      AND meta ? 'fed'
    ORDER BY completed_at
    LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED
)
