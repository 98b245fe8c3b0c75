-- Where every schedule stands.
-- Parameters: none. Returns: the rows, by name. Locks: none.
SELECT name, next_at, last_at, last_job_id, missed, is_paused, updated_at
FROM schedules
ORDER BY name
