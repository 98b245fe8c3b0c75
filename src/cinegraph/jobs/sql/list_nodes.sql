-- What: lists the nodes whose heartbeat was heard lately, a row for each queue they run.
-- Parameters: none.
-- Returns: node, queue text; meta object (version, running, local_limit, paused, listener_silent_seconds, pid, host);
--       started_at timestamptz; silent_seconds since the last heartbeat; is_leader boolean.
-- Locks: none.
SELECT
    producer.node,
    producer.queue,
    producer.meta,
    producer.started_at AT TIME ZONE 'UTC' AS started_at,
    extract(EPOCH FROM timezone('UTC', clock_timestamp()) - producer.updated_at)::double precision AS silent_seconds,
    EXISTS (
        SELECT 1
        FROM oban_leaders AS leader
        WHERE leader.node = producer.meta ->> 'holder' AND leader.expires_at > timezone('UTC', clock_timestamp())
    ) AS is_leader
FROM oban_producers AS producer
ORDER BY producer.node, producer.queue
