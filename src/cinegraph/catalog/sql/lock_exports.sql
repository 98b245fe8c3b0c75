-- Let one transaction at a time merge lists.
-- Returns: one row of no interest. Locks: an advisory lock, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('cinegraph export', 0))
