-- What: sources that stand still because their key is refused.
-- Parameters: none. Returns: subject, message: one row a source. Locks: none.
SELECT
    source AS subject,
    format(
        'stands still since %%s UTC: %%s',
        to_char(halted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), coalesce(halt_reason, 'its key is refused')
    ) AS message
FROM request_budgets
WHERE halted_at IS NOT NULL
