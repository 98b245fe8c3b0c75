-- What: the upstream refused our key: the source stops for every process that has it, but for one probe a minute.
-- Parameters: source text · reason text (no secret in it) · key_fingerprint text.
-- Returns: nothing. Locks: the budget row, until its own commit. Idempotent: a halt keeps its beginning.
UPDATE request_budgets AS budget
SET
    halted_at = CASE WHEN budget.halted_key = %(key_fingerprint)s THEN budget.halted_at ELSE clock.db_now END,
    probed_at = CASE WHEN budget.halted_key = %(key_fingerprint)s THEN budget.probed_at ELSE clock.db_now END,
    halt_reason = %(reason)s,
    halted_key = %(key_fingerprint)s
FROM (SELECT clock_timestamp() AS db_now) AS clock
WHERE budget.source = %(source)s
