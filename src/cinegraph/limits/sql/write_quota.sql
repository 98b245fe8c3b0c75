-- What: writes the quota row of a key, which the transaction has locked.
-- Parameters: source, key_fingerprint text · learned_limit, used, background_used, refusals, reset_seconds integer ·
--   learned_at, day_started_at, day_ends_at, exhausted_at, refused_at, probed_at timestamptz (Cinegraph's) ·
--   is_reset_known boolean.
-- Returns: nothing. Locks: the quota row, until the end of the transaction. Idempotent.
UPDATE daily_quotas
SET
    learned_limit = %(learned_limit)s,
    learned_at = %(learned_at)s,
    day_started_at = %(day_started_at)s,
    day_ends_at = %(day_ends_at)s,
    used = %(used)s,
    background_used = %(background_used)s,
    exhausted_at = %(exhausted_at)s,
    refused_at = %(refused_at)s,
    refusals = %(refusals)s,
    probed_at = %(probed_at)s,
    reset_seconds = %(reset_seconds)s,
    is_reset_known = %(is_reset_known)s
WHERE source = %(source)s AND key_fingerprint = %(key_fingerprint)s
