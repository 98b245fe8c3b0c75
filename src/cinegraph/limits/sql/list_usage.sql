-- What: what was asked of each source, by period and endpoint.
-- Parameters: since timestamptz · period text (minute, hour, day; days are UTC days).
-- Returns: one row for each period, source, endpoint and outcome, in this order. Locks: none. Index: the primary key.
WITH chosen AS MATERIALIZED (
    SELECT
        date_trunc(%(period)s, minute, 'UTC') AS period_at, source, endpoint, outcome,
        requests, elapsed_seconds, latency
    FROM request_usage
    WHERE minute >= date_trunc('minute', %(since)s::timestamptz)
),
buckets AS (
    SELECT chosen.period_at, chosen.source, chosen.endpoint, chosen.outcome, bucket.place, sum(bucket.amount) AS amount
    FROM chosen
    CROSS JOIN LATERAL unnest(chosen.latency) WITH ORDINALITY AS bucket (amount, place)
    GROUP BY chosen.period_at, chosen.source, chosen.endpoint, chosen.outcome, bucket.place
),
histograms AS (
    SELECT period_at, source, endpoint, outcome, array_agg(amount::bigint ORDER BY place) AS latency
    FROM buckets
    GROUP BY period_at, source, endpoint, outcome
),
totals AS (
    SELECT period_at, source, endpoint, outcome, sum(requests) AS requests, sum(elapsed_seconds) AS elapsed_seconds
    FROM chosen
    GROUP BY period_at, source, endpoint, outcome
)
SELECT
    totals.period_at, totals.source, totals.endpoint, totals.outcome,
    totals.requests::bigint AS requests, totals.elapsed_seconds, histograms.latency
FROM totals
INNER JOIN histograms USING (period_at, source, endpoint, outcome)
ORDER BY period_at, source, endpoint, outcome
