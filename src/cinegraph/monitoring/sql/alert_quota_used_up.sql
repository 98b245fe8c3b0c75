-- What: sources that said their day is used up, and whose day is not yet over.
-- Parameters: now timestamptz. Returns: subject, message: one row a source, for the key configured last. Locks: none.
SELECT DISTINCT ON (source)
    source AS subject,
    format(
        'the day is used up since %%s UTC after %%s requests; it goes on at %%s UTC%%s',
        to_char(exhausted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
        to_char(used - refusals, 'FM999,999,990'),
        to_char(day_ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
        CASE WHEN is_reset_known THEN '' ELSE ', it is believed' END
    ) AS message
FROM (SELECT DISTINCT ON (source) * FROM daily_quotas ORDER BY source, configured_at DESC) AS current_key
WHERE exhausted_at IS NOT NULL AND day_ends_at > %(now)s
