-- What was asked of each source in one minute.
-- Parameters: minute timestamptz; harmless text[]: outcomes that are no error; throttled text: that of "too many requests".
-- Returns: source, requests, throttled, errors, latency bigint[] (a histogram): a row a source that was asked. Locks: none.
-- Index: the primary key.
WITH asked AS (
    SELECT
        source,
        sum(requests)::integer AS requests,
        coalesce(sum(requests) FILTER (WHERE outcome = %(throttled)s), 0)::integer AS throttled,
        coalesce(sum(requests) FILTER (
            WHERE outcome <> %(throttled)s AND outcome <> ALL (%(harmless)s::text[])
        ), 0)::integer AS errors
    FROM request_usage
    WHERE minute = %(minute)s
    GROUP BY source
), summed AS (
    SELECT usage.source, bucket.place, sum(bucket.amount)::bigint AS amount
    FROM request_usage AS usage
    CROSS JOIN LATERAL unnest(usage.latency) WITH ORDINALITY AS bucket (amount, place)
    WHERE usage.minute = %(minute)s
    GROUP BY usage.source, bucket.place
), latencies AS (
    SELECT source, array_agg(amount ORDER BY place) AS latency
    FROM summed
    GROUP BY source
)
SELECT asked.source, asked.requests, asked.throttled, asked.errors, latencies.latency
FROM asked
INNER JOIN latencies USING (source)
ORDER BY asked.source
