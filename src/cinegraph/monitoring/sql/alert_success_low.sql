-- What: too little of what was asked for in a week ended found or absent.
-- Parameters: source text; share double precision: the least; fewest bigint: ended things from which it is looked at.
-- Returns: subject, message: at most one row. Level is the row of levels.sql, whose text takes its place. Locks: none.
WITH level AS (
{levels}
)
SELECT
    %(source)s AS subject,
    format(
        '%%s of %%s films asked for in 7 days failed, or are open for over a day',
        to_char(failed, 'FM999,999,990'), to_char(succeeded + failed, 'FM999,999,990')
    ) AS message
FROM level
WHERE succeeded + failed >= %(fewest)s AND succeeded < %(share)s * (succeeded + failed)
