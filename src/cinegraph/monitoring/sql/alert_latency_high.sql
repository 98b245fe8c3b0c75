-- What: updates of popular films take too long.
-- Parameters: level jsonb: the row of levels.sql; source text;
--   longest interval: the 95th of 100; fewest bigint: updates from which it is looked at.
-- Returns: subject, message: at most one row. Locks: none.
SELECT
    %(source)s AS subject,
    format(
        'of %%s updates of popular films in 7 days one in twenty took %%s minutes or longer; %%s are waiting',
        to_char(updates_measured, 'FM999,999,990'), round(update_p95_seconds / 60), updates_late
    ) AS message
FROM jsonb_to_record(%(level)s::jsonb) AS level (updates_measured bigint, updates_late bigint, update_p95_seconds double precision)
WHERE updates_measured >= %(fewest)s AND update_p95_seconds >= extract(epoch FROM %(longest)s::interval)
