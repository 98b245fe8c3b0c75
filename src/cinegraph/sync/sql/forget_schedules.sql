-- Forget schedules that are switched off: they are neither due nor late.
-- Parameters: names text[]. Returns: nothing. Locks: the rows.
DELETE FROM schedules WHERE name = ANY (%(names)s::text[])
