-- Move a schedule to its next slot, and remember the one that is done.
-- Parameters: name text; last_at, next_at, now timestamptz; job_id bigint or null (the work was live already);
-- missed integer. Returns: nothing. Locks: the row, and that of the slot.
WITH slot AS (
    INSERT INTO schedule_slots (name, slot_at, made_at, job_id, missed)
    VALUES (%(name)s, %(last_at)s, %(now)s, %(job_id)s, %(missed)s)
    -- A clock that was set back comes to a slot again.
    ON CONFLICT (name, slot_at) DO UPDATE SET
        made_at = excluded.made_at, job_id = excluded.job_id, missed = excluded.missed
)
UPDATE schedules SET
    last_at = %(last_at)s,
    next_at = %(next_at)s,
    last_job_id = coalesce(%(job_id)s, last_job_id),
    missed = missed + %(missed)s,
    updated_at = %(now)s
WHERE name = %(name)s
