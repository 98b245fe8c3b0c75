-- What: opens the alerts that are new, and notes of the others that they go on.
-- Parameters: found jsonb: array of {kind, subject, severity, message, hint text}, each kind and subject once; now
--   timestamptz.
-- Returns: id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count of the new ones.
-- Locks: the alerts found. Index: alerts_open_index, which lets two nodes at once open each alert once.
WITH seen AS (
    INSERT INTO alerts AS alert (kind, subject, severity, message, hint, opened_at, last_seen_at)
    SELECT found.kind, found.subject, found.severity, found.message, found.hint, %(now)s, %(now)s
    FROM jsonb_to_recordset(%(found)s) AS found (kind text, subject text, severity text, message text, hint text)
    ORDER BY found.kind, found.subject
    ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO UPDATE SET
        severity = excluded.severity,
        message = excluded.message,
        hint = excluded.hint,
        last_seen_at = excluded.last_seen_at,
        seen_count = alert.seen_count + 1
    RETURNING id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count
)
SELECT id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count
FROM seen
WHERE seen_count = 1
