-- What: deletes one batch of ended jobs that are older than their state's age.
-- Parameters: completed, cancelled, discarded double precision: ages in seconds; batch int: at most as many of each state.
-- Returns: nothing; the row count tells how many went. Locks: the rows deleted; those locked by others are left.
-- Relies on the three partial indexes on completed_at, cancelled_at and discarded_at.
WITH moment AS MATERIALIZED (
    SELECT timezone('UTC', clock_timestamp()) AS at
),
old_completed AS (
    SELECT id FROM oban_jobs
    WHERE state = 'completed' AND completed_at <= (SELECT at FROM moment) - make_interval(secs => %(completed)s)
    ORDER BY completed_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
),
old_cancelled AS (
    SELECT id FROM oban_jobs
    WHERE state = 'cancelled' AND cancelled_at <= (SELECT at FROM moment) - make_interval(secs => %(cancelled)s)
    ORDER BY cancelled_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
),
old_discarded AS (
    SELECT id FROM oban_jobs
    WHERE state = 'discarded' AND discarded_at <= (SELECT at FROM moment) - make_interval(secs => %(discarded)s)
    ORDER BY discarded_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
DELETE FROM oban_jobs
WHERE id IN (
    SELECT id FROM old_completed UNION ALL SELECT id FROM old_cancelled UNION ALL SELECT id FROM old_discarded
)
