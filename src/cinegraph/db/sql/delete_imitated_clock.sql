-- Let the deployment live in real time.
-- Parameters: none. Returns: nothing. Locks: the row.
DELETE FROM imitated_clock
