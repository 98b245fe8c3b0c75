-- What: gives the jobs of dead nodes to others, and ends those whose attempts are used up.
-- Parameters: grace double precision: seconds of silence after which a node is dead; channel text: where producers listen.
-- Returns: id, worker, state: one row for each job rescued (`available`) or ended (`discarded`).
-- Locks: the rows; those locked by others are left for the next look. A node is dead when no fresh heartbeat exists;
--       heartbeats are believed only when the server and the (unlogged) table of heartbeats have stood for the grace.
WITH moment AS MATERIALIZED (
    SELECT timezone('UTC', clock_timestamp()) AS at
),
trusted AS MATERIALIZED (
    SELECT 1
    FROM heartbeat_epoch
    WHERE
        since < clock_timestamp() - make_interval(secs => %(grace)s)
        AND pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => %(grace)s)
),
lost AS MATERIALIZED (
    SELECT job.id, job.attempt >= job.max_attempts AS is_over
    FROM oban_jobs AS job
    CROSS JOIN moment
    WHERE
        job.state = 'executing'
        AND job.attempted_at < moment.at - make_interval(secs => %(grace)s)
        AND EXISTS (SELECT 1 FROM trusted)
        AND NOT EXISTS (
            SELECT 1
            FROM oban_producers AS producer
            WHERE
                producer.uuid::text = job.attempted_by[2]
                AND producer.updated_at > moment.at - make_interval(secs => %(grace)s)
        )
    FOR UPDATE OF job SKIP LOCKED
),
exhausted AS MATERIALIZED (
    SELECT id, true AS is_over
    FROM oban_jobs
    WHERE state = 'available' AND attempt >= max_attempts
    FOR UPDATE SKIP LOCKED
),
rescued AS (
    UPDATE oban_jobs AS job
    SET
        state = CASE WHEN found.is_over THEN 'discarded' ELSE 'available' END::oban_job_state,
        discarded_at = CASE WHEN found.is_over THEN moment.at ELSE job.discarded_at END,
        errors = CASE
            WHEN NOT found.is_over THEN job.errors
            ELSE job.errors || jsonb_build_object(
                'attempt', job.attempt,
                'at', to_char(moment.at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'error', 'the node that ran it died, and no attempt is left',
                'code', 'node_died'
            )
        END,
        meta = job.meta || CASE
            WHEN found.is_over THEN '{"error_code": "node_died"}'::jsonb
            ELSE jsonb_build_object('rescued', coalesce((job.meta ->> 'rescued')::int, 0) + 1)
        END
    FROM (SELECT id, is_over FROM lost UNION ALL SELECT id, is_over FROM exhausted) AS found
    CROSS JOIN moment
    WHERE job.id = found.id
    RETURNING job.id, job.worker, job.queue, job.state
),
woken AS MATERIALIZED (
    SELECT queue, pg_notify(%(channel)s, json_build_object('queue', queue)::text)
    FROM (SELECT DISTINCT queue FROM rescued) AS queues
)
SELECT rescued.id, rescued.worker, rescued.state::text AS state
FROM rescued
INNER JOIN woken ON woken.queue = rescued.queue
