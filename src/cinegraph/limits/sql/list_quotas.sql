-- What: the quota of every source, of the key that was configured last.
-- Parameters: none.
-- Returns: one row a source, by source. Locks: none.
SELECT DISTINCT ON (source)
    source, key_fingerprint, daily_limit, learned_limit, learned_at, day_started_at, day_ends_at, used, background_used,
    exhausted_at, refused_at, refusals, probed_at, reset_seconds, is_reset_known
FROM daily_quotas
ORDER BY source, configured_at DESC
