-- The last slots of each schedule, with what became of their jobs.
-- Parameters: names text[]; limit integer: of each.
-- Returns: name, slot_at, missed, job_id or null (the same work was live already), state: of the job, null: it is pruned.
--   By name, the oldest first. Locks: none. Index: the primary keys.
SELECT each.name, slot.slot_at, slot.missed, slot.job_id, job.state::text AS state
FROM unnest(%(names)s::text[]) AS each (name)
CROSS JOIN LATERAL (
    SELECT slot_at, missed, job_id
    FROM schedule_slots
    WHERE schedule_slots.name = each.name
    ORDER BY slot_at DESC
    LIMIT %(limit)s
) AS slot
LEFT JOIN oban_jobs AS job ON job.id = slot.job_id
ORDER BY each.name, slot.slot_at
