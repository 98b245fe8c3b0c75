-- The silences that last, the one that ends first first.
-- Parameters: real_now timestamptz. Returns: id, kind, subject or null, who, created_at, until. Locks: none.
SELECT id, kind, subject, who, created_at, until
FROM alert_silences
WHERE until > %(real_now)s
ORDER BY until, id
