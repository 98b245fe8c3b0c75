-- What: queues where a job has waited for long and none was started or ended in that time: those that a living node runs,
-- or those that none runs.
-- Parameters: has_node boolean; real_now timestamptz; longest interval; grace interval: a node silent for longer is dead.
-- Returns: subject, message: one row a queue. Locks: none. Real time, as Oban's own.
-- Index: oban_jobs_state_queue_priority_scheduled_at_id_index, by jumping from queue to queue; those of the ended.
WITH RECURSIVE heads AS (
    (
        SELECT queue, priority, scheduled_at
        FROM oban_jobs
        WHERE state = 'available'
        ORDER BY queue, priority, scheduled_at, id
        LIMIT 1
    )
    UNION ALL
    SELECT next.queue, next.priority, next.scheduled_at
    FROM heads
    CROSS JOIN LATERAL (
        SELECT job.queue, job.priority, job.scheduled_at
        FROM oban_jobs AS job
        WHERE job.state = 'available' AND (job.queue, job.priority) > (heads.queue, heads.priority)
        ORDER BY job.queue, job.priority, job.scheduled_at, job.id
        LIMIT 1
    ) AS next
),
waiting AS MATERIALIZED (
    SELECT heads.queue, min(heads.scheduled_at) AS since
    FROM heads
    LEFT JOIN queue_settings AS wanted ON wanted.queue = heads.queue
    WHERE NOT coalesce(wanted.paused, false)
    GROUP BY heads.queue
    HAVING min(heads.scheduled_at) < timezone('UTC', %(real_now)s) - %(longest)s
        -- A job of this one merges a list of a million lines.
        - CASE heads.queue WHEN 'maintenance' THEN interval '30 minutes' ELSE interval '0' END
),
still AS (
    SELECT waiting.queue, waiting.since
    FROM waiting
    CROSS JOIN (SELECT timezone('UTC', %(real_now)s) - %(longest)s AS start) AS span
    WHERE
        NOT EXISTS (
            SELECT FROM oban_jobs
            WHERE state = 'executing' AND queue = waiting.queue AND attempted_at > span.start
        )
        AND NOT EXISTS (
            SELECT FROM oban_jobs
            WHERE state = 'completed' AND completed_at > span.start AND queue = waiting.queue
        )
        AND NOT EXISTS (
            SELECT FROM oban_jobs
            WHERE state = 'discarded' AND discarded_at > span.start AND queue = waiting.queue
        )
        -- Put off or to be tried again: nothing is stuck. So many of the tens of thousands tell.
        AND NOT EXISTS (
            SELECT FROM (
                (SELECT attempted_at FROM oban_jobs WHERE state = 'scheduled' AND queue = waiting.queue LIMIT 2000)
                UNION ALL
                (SELECT attempted_at FROM oban_jobs WHERE state = 'retryable' AND queue = waiting.queue LIMIT 2000)
            ) AS later
            WHERE later.attempted_at > span.start
        )
)
SELECT
    still.queue AS subject,
    CASE
        WHEN %(has_node)s THEN format(
            'nothing started or ended for %%s minutes; its oldest job has waited since %%s UTC',
            round(extract(epoch FROM %(longest)s::interval) / 60), to_char(still.since, 'YYYY-MM-DD HH24:MI')
        )
        ELSE format('no node runs it; its oldest job has waited since %%s UTC', to_char(still.since, 'YYYY-MM-DD HH24:MI'))
    END AS message
FROM still
WHERE EXISTS (
    SELECT FROM oban_producers AS producer
    WHERE producer.queue = still.queue AND producer.updated_at > timezone('UTC', %(real_now)s) - %(grace)s
) = %(has_node)s
