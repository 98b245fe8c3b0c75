-- What: takes the next jobs of a queue for this producer.
-- Parameters: queue text; demand int: at most as many; attempted_by text[]: node and producer uuid.
-- Returns: id, worker, attempt, max_attempts, priority, args, meta, tags, inserted_at, scheduled_at, attempted_at (UTC).
-- Locks: the rows taken; those locked by others are passed over. Relies on
--       oban_jobs_state_queue_priority_scheduled_at_id_index. Rows without an attempt left are passed over too: at the
--       head of the queue they blocked it until the next rescue.
WITH next AS MATERIALIZED (
    SELECT id
    FROM oban_jobs
    WHERE state = 'available' AND queue = %(queue)s AND attempt < max_attempts
    ORDER BY priority, scheduled_at, id
    LIMIT %(demand)s
    FOR UPDATE SKIP LOCKED
),
moment AS MATERIALIZED (
    SELECT timezone('UTC', clock_timestamp()) AS at
)
UPDATE oban_jobs AS job
SET
    state = 'executing',
    attempt = job.attempt + 1,
    attempted_at = moment.at,
    attempted_by = %(attempted_by)s
FROM next
CROSS JOIN moment
WHERE job.id = next.id
RETURNING
    job.id, job.worker, job.attempt, job.max_attempts, job.priority, job.args, job.meta, job.tags, job.inserted_at,
    job.scheduled_at, job.attempted_at
