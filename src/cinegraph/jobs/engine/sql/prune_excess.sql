-- What: deletes the oldest ended jobs of one state, however young.
-- Parameters: state text: completed, cancelled or discarded; batch int: at most as many.
-- Returns: nothing; the row count tells how many went. Locks: the rows deleted; those locked by others are left.
-- Each state has its partial index on the time it ended.
DELETE FROM oban_jobs
WHERE id IN (
    (
        SELECT id FROM oban_jobs
        WHERE state = 'completed' AND %(state)s = 'completed'
        ORDER BY completed_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )
    UNION ALL
    (
        SELECT id FROM oban_jobs
        WHERE state = 'cancelled' AND %(state)s = 'cancelled'
        ORDER BY cancelled_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )
    UNION ALL
    (
        SELECT id FROM oban_jobs
        WHERE state = 'discarded' AND %(state)s = 'discarded'
        ORDER BY discarded_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )
)
