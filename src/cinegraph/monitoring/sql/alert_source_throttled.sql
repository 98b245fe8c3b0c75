-- What: sources that answer 429 and nothing else for long.
-- Parameters: real_now timestamptz; longest interval; lately interval: without a 429 for so long nobody asks.
-- Returns: subject, message: one row a source. Locks: none.
SELECT
    source AS subject,
    format(
        'no success since the 429 of %%s UTC; %%s',
        to_char(throttled_since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), pause_reason
    ) AS message
FROM request_budgets
WHERE
    throttled_since < %(real_now)s - %(longest)s
    AND (paused_until > %(real_now)s OR throttled_at > %(real_now)s - %(lately)s)
