-- What: alerts that are over, those that were opened last first.
-- Parameters: kind text or null; before bigint or null: older than this id; limit integer.
-- Returns: the rows as list_alerts.sql does. Locks: none. Index: the primary key, backwards.
SELECT id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count, NULL::timestamptz AS silenced_until
FROM alerts
WHERE closed_at IS NOT NULL
  AND (%(kind)s::text IS NULL OR kind = %(kind)s)
  AND (%(before)s::bigint IS NULL OR id < %(before)s)
ORDER BY id DESC
LIMIT %(limit)s
