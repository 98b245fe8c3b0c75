-- What is in each queue, counted up to a limit, so that it costs the same at any size.
-- Parameters: queues text[]; most integer: jobs of a state are counted up to it; real_now timestamptz.
-- Returns: queue; available, executing, scheduled, retryable, discarded: jobs; waiting_seconds: age of the oldest job that could
--   run, null: none; paused; node_limit or null. A row a queue, as given. Locks: none. Real time, as Oban's own.
-- Index: oban_jobs_state_queue_priority_scheduled_at_id_index.
SELECT
    name.queue,
    counted.available,
    counted.executing,
    counted.scheduled,
    counted.retryable,
    counted.discarded,
    extract(EPOCH FROM timezone('UTC', %(real_now)s::timestamptz) - oldest.scheduled_at)::double precision AS waiting_seconds,
    coalesce(wanted.paused, false) AS paused,
    wanted.node_limit
FROM unnest(%(queues)s::text[]) WITH ORDINALITY AS name (queue, place)
CROSS JOIN LATERAL (
    SELECT
        max(jobs) FILTER (WHERE state = 'available') AS available,
        max(jobs) FILTER (WHERE state = 'executing') AS executing,
        max(jobs) FILTER (WHERE state = 'scheduled') AS scheduled,
        max(jobs) FILTER (WHERE state = 'retryable') AS retryable,
        max(jobs) FILTER (WHERE state = 'discarded') AS discarded
    FROM unnest('{available,executing,scheduled,retryable,discarded}'::oban_job_state[]) AS each (state)
    CROSS JOIN LATERAL (
        SELECT count(*) AS jobs
        FROM (
            SELECT FROM oban_jobs AS job WHERE job.state = each.state AND job.queue = name.queue LIMIT %(most)s
        ) AS few
    ) AS few
) AS counted
CROSS JOIN LATERAL (
    -- The oldest of each priority is the first of its part of the index.
    SELECT min(head.scheduled_at) AS scheduled_at
    FROM generate_series(0, 9) AS priority (number)
    CROSS JOIN LATERAL (
        SELECT job.scheduled_at
        FROM oban_jobs AS job
        WHERE job.state = 'available' AND job.queue = name.queue AND job.priority = priority.number
        ORDER BY job.scheduled_at
        LIMIT 1
    ) AS head
) AS oldest
LEFT JOIN queue_settings AS wanted ON wanted.queue = name.queue
ORDER BY name.place
