-- What: makes ended or waiting jobs available at once, with at least one attempt left, and wakes their queues; not those
--       whose work is live in another job.
-- Parameters: ids bigint[]; channel text: where producers listen.
-- Returns: id, state text as it was (null: no such job), is_retried boolean, live_id: the live job with the same work.
-- Locks: the rows, in order of id. Relies on oban_jobs_live_uniq_key_index. A job with the same work enqueued at this very
--       moment makes the statement fail with a unique violation; asked again, it tells.
WITH asked AS MATERIALIZED (
    SELECT id, state, meta ->> 'uniq_key' AS key
    FROM oban_jobs
    WHERE id = ANY(%(ids)s::bigint[])
    ORDER BY id
    FOR UPDATE
),
judged AS MATERIALIZED (
    SELECT
        asked.id,
        asked.state,
        live.id AS live_id,
        -- Of several ended jobs with the same work only the newest can live.
        row_number() OVER (PARTITION BY coalesce(asked.key, asked.id::text) ORDER BY asked.id DESC) AS rank
    FROM asked
    LEFT JOIN oban_jobs AS live
        ON live.meta ? 'uniq_key'
        AND live.meta ->> 'uniq_key' = asked.key
        AND live.state IN ('available', 'scheduled', 'executing', 'retryable', 'suspended')
        AND live.id <> asked.id
),
retried AS (
    UPDATE oban_jobs AS job
    SET
        state = 'available',
        max_attempts = greatest(job.max_attempts, job.attempt + 1),
        scheduled_at = timezone('UTC', clock_timestamp()),
        completed_at = NULL,
        cancelled_at = NULL,
        discarded_at = NULL,
        meta = job.meta - '{cancel_requested_at,snoozed,outcome,error_code,given_back}'::text[]
    FROM judged
    WHERE
        job.id = judged.id AND judged.live_id IS NULL AND judged.rank = 1
        AND judged.state NOT IN ('available', 'executing')
    RETURNING job.id, job.queue
),
woken AS MATERIALIZED (
    SELECT count(pg_notify(%(channel)s, json_build_object('queue', queue)::text)) AS queues
    FROM (SELECT DISTINCT queue FROM retried) AS queues
)
SELECT given.id, judged.state::text AS state, retried.id IS NOT NULL AS is_retried, judged.live_id
FROM unnest(%(ids)s::bigint[]) AS given (id)
LEFT JOIN judged ON judged.id = given.id
LEFT JOIN retried ON retried.id = given.id
CROSS JOIN woken
ORDER BY given.id
