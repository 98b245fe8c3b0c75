-- What: kinds of bodies of which many went to quarantine lately.
-- Parameters: now, real_now timestamptz; span interval; enough bigint: so many are an alert; fewest bigint and share
--   double precision: so many are one if they are more than this share of the good answers in that time.
-- Returns: subject, message: one row a source and kind. Locks: none.
-- Index: quarantine_last_seen_at_index, and of request_usage, whose rows are minutes, the primary key.
WITH bad AS (
    SELECT source, kind, count(*) AS bodies, min(reason) AS reason
    FROM (
        SELECT source, kind, reason
        FROM quarantine
        WHERE last_seen_at > %(now)s - %(span)s AND is_confirmed AND resolved_at IS NULL
        ORDER BY last_seen_at DESC
        LIMIT 10000
    ) AS lately
    GROUP BY source, kind
),
answered AS (
    SELECT source, sum(requests) AS answers
    FROM request_usage
    WHERE minute > %(real_now)s - %(span)s AND outcome = 'ok'
    GROUP BY source
)
SELECT
    bad.source || ' ' || bad.kind AS subject,
    format(
        '%%s bodies went to quarantine in %%s minutes, of %%s good answers; for example: %%s',
        to_char(bad.bodies, 'FM999,999,990'), round(extract(epoch FROM %(span)s::interval) / 60),
        to_char(coalesce(answered.answers, 0), 'FM999,999,990'), bad.reason
    ) AS message
FROM bad
LEFT JOIN answered ON answered.source = bad.source
WHERE
    bad.bodies >= %(enough)s
    OR (bad.bodies >= %(fewest)s AND bad.bodies > %(share)s * coalesce(answered.answers, 0))
