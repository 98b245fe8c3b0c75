-- What: reads the quota row of a key and keeps everybody else from changing it.
-- Parameters: source, key_fingerprint text.
-- Returns: the row; none when it is missing. Locks: the quota row, until the end of the transaction.
SELECT
    daily_limit, learned_limit, learned_at, day_started_at, day_ends_at, used, background_used, exhausted_at, refused_at,
    refusals, probed_at, reset_seconds, is_reset_known
FROM daily_quotas
WHERE source = %(source)s AND key_fingerprint = %(key_fingerprint)s
FOR NO KEY UPDATE
