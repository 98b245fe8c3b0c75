-- What: deletes news of films that were taken before a moment, which nobody can deliver again.
-- Parameters: before timestamptz (real time). Returns: nothing. Locks: the rows; those that another deletes are left to it.
-- Index: hook_deliveries_received_at_index.
DELETE FROM hook_deliveries
WHERE signature IN (
    SELECT signature FROM hook_deliveries WHERE received_at < %(before)s FOR UPDATE SKIP LOCKED
)
