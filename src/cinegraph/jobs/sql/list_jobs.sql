-- What: lists jobs, newest first, one page.
-- Parameters, null for any: ids bigint[]; states text[]; queue, worker (its end, for example `ImportMovie`), run text; before bigint: an
--       id, for the next page. page_size int.
-- Returns: id, state, queue, worker, attempt, max_attempts, priority, args, meta, errors, attempted_by, inserted_at,
--       scheduled_at, attempted_at, ended_at (timestamptz).
-- Locks: none. Relies on the primary key, or on oban_jobs_run_index when a run is given.
SELECT
    id,
    state::text AS state,
    queue,
    worker,
    attempt,
    max_attempts,
    priority,
    args,
    meta,
    errors,
    attempted_by,
    inserted_at AT TIME ZONE 'UTC' AS inserted_at,
    scheduled_at AT TIME ZONE 'UTC' AS scheduled_at,
    attempted_at AT TIME ZONE 'UTC' AS attempted_at,
    CASE state
        WHEN 'completed' THEN completed_at
        WHEN 'cancelled' THEN cancelled_at
        WHEN 'discarded' THEN discarded_at
    END AT TIME ZONE 'UTC' AS ended_at
FROM oban_jobs
WHERE
    (%(states)s::text[] IS NULL OR state = ANY(%(states)s::text[]::oban_job_state[]))
    AND (%(queue)s::text IS NULL OR queue = %(queue)s)
    AND (%(worker)s::text IS NULL OR worker = %(worker)s OR worker LIKE '%%.' || %(worker)s)
    AND (%(run)s::text IS NULL OR (meta ? 'run_id' AND meta ->> 'run_id' = %(run)s))
    AND (%(before)s::bigint IS NULL OR id < %(before)s)
    AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s::bigint[]))
ORDER BY id DESC
LIMIT %(page_size)s
