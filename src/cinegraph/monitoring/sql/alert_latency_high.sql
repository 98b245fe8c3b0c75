-- What: updates of popular films take too long.
-- Parameters: source text; longest interval: the 95th of 100; fewest bigint: updates from which it is looked at.
-- Returns: subject, message: at most one row. Level is the row of levels.sql, whose text takes its place. Locks: none.
WITH level AS (
{levels}
)
SELECT
    %(source)s AS subject,
    format(
        'of %%s updates of popular films in 7 days one in twenty took %%s minutes or longer; %%s are waiting',
        to_char(updates_measured, 'FM999,999,990'), round(update_p95_seconds / 60), updates_late
    ) AS message
FROM level
WHERE updates_measured >= %(fewest)s AND update_p95_seconds >= extract(epoch FROM %(longest)s::interval)
