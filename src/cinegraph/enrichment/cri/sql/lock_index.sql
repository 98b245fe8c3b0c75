-- Let no pass score a batch until the transaction ends. Parameters: none. Returns: nothing.
-- Locks: the advisory lock of the index, shared.
SELECT pg_advisory_xact_lock_shared(hashtextextended('cinegraph cri', 0))
