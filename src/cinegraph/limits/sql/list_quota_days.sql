-- What: the days that are over, all keys of a source together.
-- Parameters: since timestamptz (Cinegraph's): only days that ended later.
-- Returns: one row a source and day, by source, the last day first. Locks: none.
SELECT
    source,
    day_started_at,
    max(day_ended_at) AS day_ended_at,
    sum(daily_limit)::integer AS daily_limit,
    sum(used)::integer AS used,
    sum(background_used)::integer AS background_used,
    min(exhausted_at) AS exhausted_at
FROM quota_days
WHERE day_ended_at > %(since)s
GROUP BY source, day_started_at
ORDER BY source, day_started_at DESC
