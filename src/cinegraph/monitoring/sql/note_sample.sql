-- Note how things were in one minute; a minute that has its sample keeps it.
-- Parameters: minute timestamptz; queues text[]; sources jsonb: array of {source, requests, throttled, errors, p95_seconds,
--   quota_left}; films_live, films_fresh bigint; most integer: jobs are counted up to it.
-- Returns: one row, or none where it was there. Locks: the new rows.
-- Index: oban_jobs_state_queue_priority_scheduled_at_id_index, oban_jobs_completed_at_index, oban_jobs_discarded_at_index.
WITH noted AS (
    INSERT INTO monitoring_samples (minute, films, films_live, films_fresh)
    VALUES (
        %(minute)s, coalesce((SELECT rows FROM catalog_totals WHERE name = 'movies'), 0), %(films_live)s, %(films_fresh)s
    )
    ON CONFLICT (minute) DO NOTHING
    RETURNING minute
), ended AS MATERIALIZED (
    SELECT queue, count(*) FILTER (WHERE is_completed) AS completed, count(*) FILTER (WHERE NOT is_completed) AS failed
    FROM (
        SELECT queue, true AS is_completed
        FROM oban_jobs
        WHERE state = 'completed'
          AND completed_at >= timezone('UTC', %(minute)s::timestamptz)
          AND completed_at < timezone('UTC', %(minute)s::timestamptz + interval '1 minute')
        UNION ALL
        SELECT queue, false
        FROM oban_jobs
        WHERE state = 'discarded'
          AND discarded_at >= timezone('UTC', %(minute)s::timestamptz)
          AND discarded_at < timezone('UTC', %(minute)s::timestamptz + interval '1 minute')
    ) AS jobs
    GROUP BY queue
), queues AS (
    INSERT INTO monitoring_queue_samples (minute, queue, waiting, running, completed, failed)
    SELECT
        noted.minute, name.queue, waiting.jobs, running.jobs, coalesce(ended.completed, 0), coalesce(ended.failed, 0)
    FROM noted
    CROSS JOIN unnest(%(queues)s::text[]) AS name (queue)
    CROSS JOIN LATERAL (
        SELECT count(*) AS jobs
        FROM (SELECT FROM oban_jobs WHERE state = 'available' AND queue = name.queue LIMIT %(most)s) AS few
    ) AS waiting
    CROSS JOIN LATERAL (
        SELECT count(*) AS jobs
        FROM (SELECT FROM oban_jobs WHERE state = 'executing' AND queue = name.queue LIMIT %(most)s) AS few
    ) AS running
    LEFT JOIN ended ON ended.queue = name.queue
    WHERE waiting.jobs > 0 OR running.jobs > 0 OR ended.queue IS NOT NULL
), sources AS (
    INSERT INTO monitoring_source_samples (minute, source, requests, throttled, errors, p95_seconds, quota_left)
    SELECT noted.minute, told.source, told.requests, told.throttled, told.errors, told.p95_seconds, told.quota_left
    FROM noted
    CROSS JOIN jsonb_to_recordset(%(sources)s) AS told (
        source text, requests integer, throttled integer, errors integer, p95_seconds double precision,
        quota_left integer
    )
)
SELECT minute FROM noted
