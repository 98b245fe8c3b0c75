-- What: keeps a day that is over; a day that ends again, after the clock was set back, keeps its larger counts.
-- Parameters: source, key_fingerprint text · day_started_at, day_ended_at, exhausted_at timestamptz (Cinegraph's) ·
--   daily_limit, used, background_used integer.
-- Returns: nothing. Locks: the row of the day. Idempotent.
INSERT INTO quota_days AS day (
    source, key_fingerprint, day_started_at, day_ended_at, daily_limit, used, background_used, exhausted_at
)
VALUES (
    %(source)s, %(key_fingerprint)s, %(day_started_at)s, %(day_ended_at)s, %(daily_limit)s, %(used)s,
    %(background_used)s, %(exhausted_at)s
)
ON CONFLICT (source, key_fingerprint, day_started_at) DO UPDATE
SET
    day_ended_at = excluded.day_ended_at,
    daily_limit = excluded.daily_limit,
    used = greatest(day.used, excluded.used),
    background_used = greatest(day.background_used, excluded.background_used),
    exhausted_at = coalesce(excluded.exhausted_at, day.exhausted_at)
