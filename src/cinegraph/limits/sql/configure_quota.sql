-- What: makes the quota row of a key, or gives it another limit; what was learned under another limit is forgotten.
-- Parameters: source, key_fingerprint text · daily_limit integer · day_started_at, day_ends_at timestamptz (Cinegraph's;
--   of a new row).
-- Returns: nothing. Locks: the quota row, until its own commit. Idempotent.
INSERT INTO daily_quotas AS quota (source, key_fingerprint, daily_limit, configured_at, day_started_at, day_ends_at)
VALUES (
    %(source)s, %(key_fingerprint)s, %(daily_limit)s, clock_timestamp(), %(day_started_at)s, %(day_ends_at)s
)
ON CONFLICT (source, key_fingerprint) DO UPDATE
SET
    configured_at = excluded.configured_at,
    daily_limit = excluded.daily_limit,
    learned_limit = CASE WHEN quota.daily_limit = excluded.daily_limit THEN quota.learned_limit END,
    learned_at = CASE WHEN quota.daily_limit = excluded.daily_limit THEN quota.learned_at END
