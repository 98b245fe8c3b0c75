-- What was asked of the sources, by spans of a length.
-- Parameters: start, before timestamptz (real time); step interval.
-- Returns: at: the beginning of the span; source; requests, throttled, errors: in it; p95_seconds: the mean of its minutes', each by
--   its requests; quota_left: the least in it. Locks: none. Index: the primary key.
SELECT
    date_bin(%(step)s, minute, %(start)s) AS at,
    source,
    sum(requests)::integer AS requests,
    sum(throttled)::integer AS throttled,
    sum(errors)::integer AS errors,
    (sum(p95_seconds * requests) / nullif(sum(requests) FILTER (WHERE p95_seconds IS NOT NULL), 0))::double precision
        AS p95_seconds,
    min(quota_left) AS quota_left
FROM monitoring_source_samples
WHERE minute >= %(start)s AND minute < %(before)s
GROUP BY 1, 2
ORDER BY 1, 2
