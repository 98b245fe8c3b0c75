-- What: puts live jobs before all others, and runs those at once that wait only because they failed before.
-- Parameters: keys text[]: unique keys; patient text[]: codes of waits that have a reason outside of the job, which keep
--       their time; channel text: where producers listen.
-- Returns: nothing of use. Locks: the rows, in order of id. Running jobs are left. Index: oban_jobs_live_uniq_key_index.
WITH waiting AS MATERIALIZED (
    SELECT id, state IN ('scheduled', 'retryable') AND (meta ->> 'error_code' = ANY (%(patient)s::text[])) IS NOT TRUE AS is_put_off
    FROM oban_jobs
    WHERE
        meta ? 'uniq_key' AND meta ->> 'uniq_key' = ANY (%(keys)s::text[])
        AND state IN ('available', 'scheduled', 'retryable')
    ORDER BY id
    FOR UPDATE
),
hurried AS (
    UPDATE oban_jobs AS job
    SET
        priority = 0,
        state = CASE WHEN waiting.is_put_off THEN 'available' ELSE job.state END,
        scheduled_at = CASE WHEN waiting.is_put_off THEN timezone('UTC', clock_timestamp()) ELSE job.scheduled_at END
    FROM waiting
    WHERE job.id = waiting.id
    RETURNING job.queue
)
SELECT count(pg_notify(%(channel)s, json_build_object('queue', queue)::text))
FROM (SELECT DISTINCT queue FROM hurried) AS queues
