-- What: ends waiting jobs and asks running ones to end: by a signal now, and by a mark that their node finds if it missed it.
-- Parameters: ids bigint[] or null; run text or null: the number of a run, for all its jobs; channel text: where
--       producers listen for signals.
-- Returns: id, state text as it was; jobs that have ended already are missing.
-- Locks: the rows, in order of id. Index: primary key, or oban_jobs_run_index.
WITH asked AS MATERIALIZED (
    SELECT id, state
    FROM oban_jobs
    WHERE
        (id = ANY(%(ids)s::bigint[]) OR (meta ? 'run_id' AND meta ->> 'run_id' = %(run)s::text))
        AND state IN ('executing', 'available', 'scheduled', 'retryable', 'suspended')
    ORDER BY id
    FOR UPDATE
),
marked AS (
    UPDATE oban_jobs AS job
    SET
        state = CASE asked.state WHEN 'executing' THEN 'executing' ELSE 'cancelled' END::oban_job_state,
        cancelled_at = CASE asked.state WHEN 'executing' THEN NULL ELSE timezone('UTC', clock_timestamp()) END,
        meta = job.meta || jsonb_build_object('cancel_requested_at', clock_timestamp())
    FROM asked
    WHERE job.id = asked.id
    RETURNING job.id, asked.state
),
signalled AS MATERIALIZED (
    SELECT count(pg_notify(%(channel)s, json_build_object('action', 'pkill', 'job_id', id)::text)) AS jobs
    FROM marked
    WHERE state = 'executing'
)
SELECT marked.id, marked.state::text AS state
FROM marked
CROSS JOIN signalled
ORDER BY marked.id
