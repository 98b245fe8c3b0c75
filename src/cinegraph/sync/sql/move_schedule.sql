-- Move a schedule to its next slot.
-- Parameters: name text; last_at, next_at, now timestamptz; job_id bigint or null (the work was live already);
-- missed integer. Returns: nothing. Locks: the row.
UPDATE schedules SET
    last_at = %(last_at)s,
    next_at = %(next_at)s,
    last_job_id = coalesce(%(job_id)s, last_job_id),
    missed = missed + %(missed)s,
    updated_at = %(now)s
WHERE name = %(name)s
