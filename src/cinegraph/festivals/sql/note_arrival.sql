-- Say that films are being linked: who has stored an edition waits for that. Parameters: none. Returns: one row of no interest.
-- Locks: an advisory lock, shared, until the transaction ends. A statement of its own: what is linked has to be read after it.
SELECT pg_advisory_xact_lock_shared(hashtextextended('cinegraph arrivals', 0))
