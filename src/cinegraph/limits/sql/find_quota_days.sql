-- What: the days of a key that are over and meet a span of time.
-- Parameters: source, key_fingerprint text · since, until timestamptz (Cinegraph's): ended after the one, begun before the
--   other.
-- Returns: rows of quota_days, the last first. Locks: none. Index: the primary key.
SELECT day_started_at, day_ended_at, daily_limit, used, background_used, exhausted_at
FROM quota_days
WHERE source = %(source)s
  AND key_fingerprint = %(key_fingerprint)s
  AND day_ended_at > %(since)s
  AND day_started_at < %(until)s
ORDER BY day_started_at DESC
