-- Which time the deployment lives in.
-- Parameters: none. Returns: epoch, offset_seconds, speed; no row: real time. Locks: none.
SELECT epoch, offset_seconds, speed
FROM imitated_clock
