-- What: jobs that are said to run, on nodes whose heartbeat has been silent for long.
-- Parameters: real_now timestamptz; longest interval. Returns: subject, message: one row a node. Locks: none.
-- Index: oban_jobs_state_queue_priority_scheduled_at_id_index; few jobs run. Real time, as Oban's own; heartbeats are
--   believed only when their (unlogged) table has stood for as long.
SELECT
    coalesce(job.attempted_by[1], 'unknown node') AS subject,
    format(
        '%%s of its jobs run on, since %%s UTC, and the node is silent',
        count(*), to_char(min(job.attempted_at), 'YYYY-MM-DD HH24:MI')
    ) AS message
FROM oban_jobs AS job
WHERE
    job.state = 'executing'
    AND job.attempted_at < timezone('UTC', %(real_now)s) - %(longest)s
    AND EXISTS (SELECT FROM heartbeat_epoch WHERE since < %(real_now)s - %(longest)s)
    AND NOT EXISTS (
        SELECT FROM oban_producers AS producer
        WHERE
            producer.uuid::text = job.attempted_by[2]
            AND producer.updated_at > timezone('UTC', %(real_now)s) - %(longest)s
    )
GROUP BY job.attempted_by[1]
