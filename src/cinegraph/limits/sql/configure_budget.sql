-- What: makes the budget row of a source, or gives it the rate of the process that starts now. A rate of 0 is a
--   matter of that process alone and leaves the row's rate as it is. Another key than the refused one ends a halt.
-- Parameters: source text · rate double precision (requests a second) · burst integer
--   · upstream double precision or null (requests a second) · key_fingerprint text ('' = not known).
-- Returns: db_now, seconds since 1970 by the database's clock. Locks: the budget row, until its own commit. Idempotent.
INSERT INTO request_budgets AS budget (
    source, rate_per_second, burst, upstream_per_second, configured_at, next_slot_at, touched_at
)
VALUES (
    %(source)s, %(rate)s, %(burst)s, %(upstream)s, clock_timestamp(), clock_timestamp(), clock_timestamp()
)
ON CONFLICT (source) DO UPDATE SET
    rate_per_second = CASE WHEN excluded.rate_per_second > 0
                           THEN excluded.rate_per_second ELSE budget.rate_per_second END,
    burst = CASE WHEN excluded.rate_per_second > 0 THEN excluded.burst ELSE budget.burst END,
    upstream_per_second = coalesce(excluded.upstream_per_second, budget.upstream_per_second),
    configured_at = excluded.configured_at,
    halted_at = CASE WHEN %(key_fingerprint)s IN ('', budget.halted_key) THEN budget.halted_at END,
    halt_reason = CASE WHEN %(key_fingerprint)s IN ('', budget.halted_key) THEN budget.halt_reason END,
    halted_key = CASE WHEN %(key_fingerprint)s IN ('', budget.halted_key) THEN budget.halted_key END
RETURNING extract(epoch FROM clock_timestamp())::double precision AS db_now
