-- What: nodes are at work, jobs are tried, and none has ended well for long, in any queue.
-- Parameters: real_now timestamptz; longest interval; grace interval: a node silent for longer is dead.
-- Returns: subject, message: one row, or none. Locks: none. Real time, as Oban's own.
-- Index: oban_jobs_completed_at_index; where that finds nothing, oban_jobs_state_queue_priority_scheduled_at_id_index (so
--   many of the tens of thousands tell) and oban_jobs_discarded_at_index.
SELECT
    'deployment' AS subject,
    format(
        'no job of any queue ended well for %%s minutes, though jobs are tried',
        round(extract(epoch FROM %(longest)s::interval) / 60)
    ) AS message
FROM (SELECT timezone('UTC', %(real_now)s) - %(longest)s AS start) AS span
WHERE
    NOT EXISTS (SELECT FROM oban_jobs WHERE state = 'completed' AND completed_at > span.start)
    AND EXISTS (
        SELECT FROM oban_producers
        WHERE updated_at > timezone('UTC', %(real_now)s) - %(grace)s AND started_at < span.start
    )
    AND (
        EXISTS (
            SELECT FROM (
                SELECT attempted_at FROM oban_jobs
                WHERE state = 'executing'
                ORDER BY queue, priority, scheduled_at, id
                LIMIT 1000
            ) AS running
            WHERE running.attempted_at < span.start
        )
        OR EXISTS (
            SELECT FROM (
                SELECT inserted_at FROM oban_jobs
                WHERE state = 'retryable'
                ORDER BY queue, priority, scheduled_at, id
                LIMIT 1000
            ) AS later
            WHERE later.inserted_at < span.start
        )
        OR EXISTS (SELECT FROM oban_jobs WHERE state = 'discarded' AND discarded_at > span.start)
    )
