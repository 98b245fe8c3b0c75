-- What: deletes the oldest ended jobs of one state, however young.
-- Parameters: state text: completed, cancelled or discarded; batch int: at most as many.
-- Returns: nothing; the row count tells how many went. Locks: the rows deleted; those locked by others are left.
-- Relies on the three partial indexes on completed_at, cancelled_at and discarded_at: each branch names its state.
WITH oldest_completed AS (
    SELECT id FROM oban_jobs
    WHERE state = 'completed' AND %(state)s::text = 'completed'
    ORDER BY completed_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
),
oldest_cancelled AS (
    SELECT id FROM oban_jobs
    WHERE state = 'cancelled' AND %(state)s::text = 'cancelled'
    ORDER BY cancelled_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
),
oldest_discarded AS (
    SELECT id FROM oban_jobs
    WHERE state = 'discarded' AND %(state)s::text = 'discarded'
    ORDER BY discarded_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
DELETE FROM oban_jobs
WHERE id IN (
    SELECT id FROM oldest_completed UNION ALL SELECT id FROM oldest_cancelled UNION ALL SELECT id FROM oldest_discarded
)
