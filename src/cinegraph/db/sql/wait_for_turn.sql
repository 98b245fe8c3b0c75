-- Waits until no other transaction migrates this database; bounded by lock_timeout.
-- Parameters: key bigint.
-- Returns: one empty row.
-- Locks: the advisory lock of the key, until the end of the transaction.
SELECT pg_advisory_xact_lock(%(key)s);
