-- The open alerts of which nobody was told, noted as told now; those that are silenced stay.
-- Parameters: severities text[] that are told; real_now timestamptz.
-- Returns: the rows as list_alerts.sql does. Locks: them. Index: alerts_open_index.
UPDATE alerts SET opened_told_at = %(real_now)s
WHERE closed_at IS NULL
  AND opened_told_at IS NULL
  AND severity = ANY (%(severities)s::text[])
  AND NOT EXISTS (
      SELECT FROM alert_silences AS silence
      WHERE silence.kind = alerts.kind
        AND (silence.subject IS NULL OR silence.subject = alerts.subject)
        AND silence.until > %(real_now)s
  )
RETURNING id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count, NULL::timestamptz AS silenced_until
