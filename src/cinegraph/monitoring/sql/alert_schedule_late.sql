-- What: schedules that are due and were not started.
-- Parameters: now timestamptz; minute interval: a real minute, in which whoever starts it may look, when time is played
-- faster; longest interval; names text[]: the schedules there are.
-- Returns: subject, message: one row a schedule. Locks: none.
SELECT
    name AS subject,
    format(
        'due since %%s UTC, last started for %%s',
        to_char(next_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
        coalesce(to_char(last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), 'no slot yet')
    ) AS message
FROM schedules
WHERE NOT is_paused AND next_at < %(now)s - greatest(%(longest)s, %(minute)s) AND name = ANY(%(names)s::text[])
