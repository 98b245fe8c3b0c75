-- What: alerts, the open ones first and of these the gravest; then the latest.
-- Parameters: open_only boolean; severities text[], the gravest first; limit integer.
-- Returns: id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count. Locks: none.
SELECT id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count
FROM alerts
WHERE closed_at IS NULL OR NOT %(open_only)s
ORDER BY
    closed_at IS NOT NULL,
    CASE WHEN closed_at IS NULL THEN array_position(%(severities)s::text[], severity) END,
    opened_at DESC,
    id DESC
LIMIT %(limit)s
