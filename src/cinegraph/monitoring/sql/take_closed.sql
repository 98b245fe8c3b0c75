-- The alerts that were told and are over for a while, noted as told so now.
-- Parameters: before timestamptz: over since then (Cinegraph's time); real_now timestamptz.
-- Returns: the rows as list_alerts.sql does; where silenced_until is set nobody wants to hear. Locks: them.
-- Index: alerts_untold_index.
UPDATE alerts SET closed_told_at = %(real_now)s
WHERE opened_told_at IS NOT NULL
  AND closed_told_at IS NULL
  AND closed_at <= %(before)s
RETURNING
    id, kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at, seen_count,
    (
        SELECT max(silence.until)
        FROM alert_silences AS silence
        WHERE silence.kind = alerts.kind
          AND (silence.subject IS NULL OR silence.subject = alerts.subject)
          AND silence.until > %(real_now)s
    ) AS silenced_until
