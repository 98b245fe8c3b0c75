-- What: sources that have been down for long.
-- Parameters: real_now timestamptz; longest interval. Returns: subject, message: one row a source. Locks: none.
SELECT
    source AS subject,
    format(
        'down since %%s UTC: %%s',
        to_char(circuit_opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), circuit_reason
    ) AS message
FROM request_budgets
WHERE circuit_opened_at < %(real_now)s - %(longest)s
