-- What: too little of what was asked for in a week ended found or absent.
-- Parameters: level jsonb: the row of levels.sql; source text;
--   share double precision: the least; fewest bigint: ended things from which it is looked at.
-- Returns: subject, message: at most one row. Locks: none.
SELECT
    %(source)s AS subject,
    format(
        '%%s of %%s films asked for in 7 days failed, or wait for over a day',
        to_char(failed, 'FM999,999,990'), to_char(succeeded + failed, 'FM999,999,990')
    ) AS message
FROM jsonb_to_record(%(level)s::jsonb) AS level (succeeded bigint, failed bigint)
WHERE succeeded + failed >= %(fewest)s AND succeeded < %(share)s * (succeeded + failed)
