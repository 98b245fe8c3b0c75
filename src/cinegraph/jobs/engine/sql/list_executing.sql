-- What: lists what the database believes these producers run.
-- Parameters: queues text[]; uuids text[]: the producers.
-- Returns: id, attempted_at (UTC), whether its cancellation was asked for. Relies on
--       oban_jobs_state_queue_priority_scheduled_at_id_index.
SELECT id, attempted_at, meta ? 'cancel_requested_at' AS is_cancelled
FROM oban_jobs
WHERE state = 'executing' AND queue = ANY(%(queues)s::text[]) AND attempted_by[2] = ANY(%(uuids)s::text[])
