-- What: the upstream refused our key: the source stops for every process that has it, but for one probe a minute.
-- Parameters: source text · reason text (no secret in it) · key_fingerprint text.
-- Returns: nothing. Locks: the budget row, until its own commit. Idempotent: a halt keeps its beginning.
UPDATE request_budgets
SET
    halted_at = CASE WHEN halted_key = %(key_fingerprint)s THEN halted_at ELSE clock_timestamp() END,
    probed_at = CASE WHEN halted_key = %(key_fingerprint)s THEN probed_at ELSE clock_timestamp() END,
    halt_reason = %(reason)s,
    halted_key = %(key_fingerprint)s
WHERE source = %(source)s
