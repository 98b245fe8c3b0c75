-- What: queues that a person paused long ago, with work in them.
-- Parameters: now timestamptz; longest interval. Returns: subject, message: one row a queue. Locks: none.
-- Index: oban_jobs_state_queue_priority_scheduled_at_id_index.
SELECT
    wanted.queue AS subject,
    format('paused since %%s UTC, and work waits in it', to_char(wanted.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'))
        AS message
FROM queue_settings AS wanted
WHERE
    wanted.paused
    AND wanted.updated_at < %(now)s - %(longest)s
    AND EXISTS (SELECT FROM oban_jobs WHERE state = 'available' AND queue = wanted.queue)
