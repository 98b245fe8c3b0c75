-- What: too few films are fresh. While a run goes on, films that are still to come are no trouble.
-- Parameters: level jsonb: the row of levels.sql; source text;
--   share double precision: the least; fewest bigint: films from which it is looked at.
-- Returns: subject, message: at most one row. Locks: none.
SELECT
    %(source)s AS subject,
    format(
        '%%s of %%s films were fetched or proven unchanged within 7 days',
        to_char(films_fresh, 'FM999,999,990'), to_char(films, 'FM999,999,990')
    ) AS message
FROM jsonb_to_record(%(level)s::jsonb) AS level (films bigint, films_fresh bigint)
WHERE films >= %(fewest)s
  AND films_fresh < %(share)s * films
  AND NOT EXISTS (SELECT FROM sync_runs WHERE source = %(source)s AND state IN ('running', 'paused'))
