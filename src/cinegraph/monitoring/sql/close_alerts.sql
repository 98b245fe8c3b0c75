-- What: closes the alerts that are found no longer; those of rules that could not be looked at stay.
-- Parameters: found jsonb: array of {kind, subject text}; unknown text[]: kinds that could not be looked at; now
--   timestamptz.
-- Returns: id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count of the closed ones.
-- Locks: those. Index: alerts_open_index.
UPDATE alerts SET closed_at = %(now)s
WHERE
    closed_at IS NULL
    AND kind <> ALL (%(unknown)s::text[])
    AND NOT EXISTS (
        SELECT FROM jsonb_to_recordset(%(found)s) AS found (kind text, subject text)
        WHERE found.kind = alerts.kind AND found.subject = alerts.subject
    )
RETURNING id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count
