-- What: counts one request of the day, if the day is on, the source answers and something is left for it.
-- Parameters: source, key_fingerprint text · now timestamptz (Cinegraph's) · is_background boolean · share double
--   precision (of the limit, for work nobody waits for).
-- Returns: a row when the request may go; none when it may not, or when that takes a closer look.
-- Locks: the quota row, until its own commit. Index: the primary key. Not idempotent: each call counts.
UPDATE daily_quotas
SET used = used + 1, background_used = background_used + %(is_background)s::boolean::integer
WHERE source = %(source)s
  AND key_fingerprint = %(key_fingerprint)s
  AND exhausted_at IS NULL
  AND %(now)s < day_ends_at
  AND %(now)s >= day_started_at - interval '1 day'
  AND used < least(daily_limit, learned_limit)
  AND (
      NOT %(is_background)s::boolean
      -- Rounded as quota_days.background_limit rounds.
      OR background_used < floor(least(daily_limit, learned_limit) * %(share)s::double precision + 1e-9)
  )
RETURNING used
