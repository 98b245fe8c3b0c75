-- What: writes the ends of attempts, each only where that very attempt still runs.
-- Parameters: acks json: array of {id bigint, attempted_at timestamp in UTC, state text, attempt_change int, delay int
--       seconds or null, error object or null, meta object or null}; max_errors int: errors kept a job, the newest.
-- Returns: the ids written; one that is missing was given to another node meanwhile.
-- Locks: the rows.
UPDATE oban_jobs AS job
SET
    state = ack.state,
    completed_at = CASE ack.state WHEN 'completed' THEN timezone('UTC', clock_timestamp()) ELSE job.completed_at END,
    cancelled_at = CASE ack.state WHEN 'cancelled' THEN timezone('UTC', clock_timestamp()) ELSE job.cancelled_at END,
    discarded_at = CASE ack.state WHEN 'discarded' THEN timezone('UTC', clock_timestamp()) ELSE job.discarded_at END,
    scheduled_at = CASE
        WHEN ack.delay IS NULL THEN job.scheduled_at
        ELSE timezone('UTC', clock_timestamp()) + make_interval(secs => ack.delay)
    END,
    attempt = job.attempt + ack.attempt_change,
    errors = CASE
        WHEN ack.error IS NULL THEN job.errors
        WHEN jsonb_array_length(job.errors) < %(max_errors)s THEN job.errors || ack.error
        ELSE (job.errors - 0) || ack.error
    END,
    -- A code left by an earlier attempt would be untrue of a job that ended well.
    meta = CASE
        WHEN ack.meta IS NOT NULL THEN (job.meta - 'error_code') || ack.meta
        WHEN job.meta ? 'error_code' THEN job.meta - 'error_code'
        ELSE job.meta
    END
FROM json_to_recordset(%(acks)s::json) AS ack (
    id bigint, attempted_at timestamp, state oban_job_state, attempt_change smallint, delay integer, error jsonb, meta jsonb
)
WHERE job.id = ack.id AND job.state = 'executing' AND job.attempted_at = ack.attempted_at
RETURNING job.id
