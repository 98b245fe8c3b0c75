-- What: living nodes whose listener hears nothing of the database, not even its own echo.
-- Parameters: real_now timestamptz; longest interval; grace interval: a node silent for longer is dead.
-- Returns: subject, message: one row a node. Locks: none. Real time, as Oban's own.
SELECT
    node AS subject,
    format(
        'its listener has heard nothing for %%s s: jobs and settings reach it by polling alone',
        round(max((meta ->> 'listener_silent_seconds')::numeric))
    ) AS message
FROM oban_producers
WHERE
    updated_at > timezone('UTC', %(real_now)s) - %(grace)s
    AND make_interval(secs => (meta ->> 'listener_silent_seconds')::double precision) > %(longest)s
GROUP BY node
