-- Let nobody else score films until the transaction ends: a pass, for a batch.
-- Parameters: none. Returns: nothing. Locks: the advisory lock of the index.
SELECT pg_advisory_xact_lock(hashtextextended('cinegraph cri', 0))
