-- What: how much of its budget each source used, by period.
-- Parameters: since timestamptz · period text (minute, hour, day; days are UTC days).
-- Returns: one row for each period and source, in this order: requests sent, the worst minute and the worst second,
--   and the rates to compare with. Locks: none. Index: the primary key.
WITH minutes AS (
    SELECT
        date_trunc(%(period)s, seconds.minute, 'UTC') AS period_at, seconds.source,
        counted.requests, counted.worst_second
    FROM request_seconds AS seconds
    CROSS JOIN LATERAL (
        SELECT sum(sent) AS requests, max(sent) AS worst_second FROM unnest(seconds.sent) AS second (sent)
    ) AS counted
    WHERE seconds.minute >= date_trunc('minute', %(since)s::timestamptz)
)
SELECT
    minutes.period_at, minutes.source, sum(minutes.requests)::bigint AS requests,
    max(minutes.requests)::bigint AS worst_minute, max(minutes.worst_second) AS worst_second,
    budget.rate_per_second AS budget_per_second, budget.upstream_per_second
FROM minutes
LEFT JOIN request_budgets AS budget ON budget.source = minutes.source
GROUP BY minutes.period_at, minutes.source, budget.rate_per_second, budget.upstream_per_second
ORDER BY minutes.period_at, minutes.source
