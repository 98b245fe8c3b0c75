-- The time by the server's clock.
-- Parameters: none. Returns: one timestamptz. Locks: none.
SELECT clock_timestamp()
