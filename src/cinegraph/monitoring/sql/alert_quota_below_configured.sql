-- What: keys that are let through far less than configured.
-- Parameters: least_share double precision: of the configured limit.
-- Returns: subject, message: one row a source, for the key configured last. Locks: none.
SELECT
    source AS subject,
    format(
        'lets %%s requests a day through, %%s are configured',
        to_char(learned_limit, 'FM999,999,990'), to_char(daily_limit, 'FM999,999,990')
    ) AS message
FROM (SELECT DISTINCT ON (source) * FROM daily_quotas ORDER BY source, configured_at DESC) AS current_key
WHERE learned_limit < daily_limit * %(least_share)s
