-- The schedules that are due.
-- Parameters: names text[]; now timestamptz. Returns: their rows. Locks: them; those another node is at are left.
SELECT name, next_at, last_at, last_job_id, missed, is_paused, updated_at
FROM schedules
WHERE name = ANY (%(names)s::text[]) AND next_at <= %(now)s AND NOT is_paused
ORDER BY name
FOR NO KEY UPDATE SKIP LOCKED
