-- Which positions the change log has.
-- Parameters: none. Returns: the newest position, and the position after which nothing is missing. Locks: nothing.
SELECT last_position, kept_after FROM change_log_state
