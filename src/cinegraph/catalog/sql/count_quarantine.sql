-- Bodies that cannot be read, by source, kind and reason. Parameters: none. Returns: source, kind, reason, is_confirmed, things, last_seen_at.
-- Locks: none. Index: quarantine_open_index.
SELECT source, kind, reason, is_confirmed, count(*) AS things, max(last_seen_at) AS last_seen_at
FROM quarantine
WHERE resolved_at IS NULL
GROUP BY source, kind, reason, is_confirmed
ORDER BY things DESC, source, kind, reason
