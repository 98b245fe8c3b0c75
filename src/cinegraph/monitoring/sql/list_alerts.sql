-- What: alerts, the open ones first and of these the gravest; then the latest.
-- Parameters: open_only boolean; severities text[], the gravest first; limit integer; real_now timestamptz.
-- Returns: id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count, silenced_until (of open
--   ones; null: it is told). Locks: none.
SELECT
    id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count,
    CASE WHEN closed_at IS NULL THEN (
        SELECT max(silence.until)
        FROM alert_silences AS silence
        WHERE silence.kind = alerts.kind
          AND (silence.subject IS NULL OR silence.subject = alerts.subject)
          AND silence.until > %(real_now)s
    ) END AS silenced_until
FROM alerts
WHERE closed_at IS NULL OR NOT %(open_only)s
ORDER BY
    closed_at IS NOT NULL,
    CASE WHEN closed_at IS NULL THEN array_position(%(severities)s::text[], severity) END,
    opened_at DESC,
    id DESC
LIMIT %(limit)s
