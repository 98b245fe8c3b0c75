-- How many jobs of some queues have not ended; counted up to a limit, so that it never costs more than that.
-- Parameters: queues text[]; limit integer; of_runs boolean: only those of runs. Returns: one row: jobs. Locks: none.
-- Index: oban_jobs_state_queue_priority_scheduled_at_id_index.
SELECT count(*) AS jobs
FROM (
    SELECT FROM oban_jobs
    WHERE queue = ANY (%(queues)s::text[]) AND state IN ('available', 'scheduled', 'executing', 'retryable', 'suspended')
      AND (NOT %(of_runs)s OR meta ? 'run_id')
    LIMIT %(limit)s
) AS live
