-- What: the key was accepted: the source goes on for everyone.
-- Parameters: source text · key_fingerprint text ('' = not known).
-- Returns: nothing. Locks: the budget row, until its own commit. Idempotent.
UPDATE request_budgets
SET halted_at = NULL, halt_reason = NULL, halted_key = NULL
WHERE source = %(source)s AND halted_key IS NOT NULL AND %(key_fingerprint)s IN ('', halted_key)
