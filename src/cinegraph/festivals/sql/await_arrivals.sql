-- Wait until the films that were being linked are committed. Parameters: none. Returns: one row of no interest.
-- Locks: an advisory lock, until the transaction ends: end it at once.
SELECT pg_advisory_xact_lock(hashtextextended('cinegraph arrivals', 0))
