-- What: jobs that are said to run, on nodes whose heartbeat is silent.
-- Parameters: grace double precision: seconds of silence after which a node is dead.
-- Returns: queue, node (null: never said), jobs, oldest_seconds: since the oldest of them was started. Locks: none.
-- Index: oban_jobs_state_queue_priority_scheduled_at_id_index; few jobs run.
SELECT
    job.queue,
    job.attempted_by[1] AS node,
    count(*) AS jobs,
    extract(EPOCH FROM timezone('UTC', clock_timestamp()) - min(job.attempted_at))::double precision AS oldest_seconds
FROM oban_jobs AS job
WHERE
    job.state = 'executing'
    AND NOT EXISTS (
        SELECT 1
        FROM oban_producers AS producer
        WHERE
            producer.uuid::text = job.attempted_by[2]
            AND producer.updated_at > timezone('UTC', clock_timestamp()) - make_interval(secs => %(grace)s)
    )
GROUP BY job.queue, job.attempted_by[1]
ORDER BY job.queue, job.attempted_by[1]
