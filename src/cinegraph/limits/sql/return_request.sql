-- What: takes back a request that was counted and that the source did not count: it refused the key.
-- Parameters: source, key_fingerprint text · asked_at timestamptz (Cinegraph's; when it was counted) · is_background
--   boolean.
-- Returns: nothing. Locks: the quota row, until its own commit. Not idempotent: each call takes one back.
UPDATE daily_quotas
SET
    used = greatest(0, used - 1),
    background_used = greatest(0, background_used - %(is_background)s::boolean::integer)
WHERE source = %(source)s
  AND key_fingerprint = %(key_fingerprint)s
  AND %(asked_at)s BETWEEN day_started_at AND day_ends_at
