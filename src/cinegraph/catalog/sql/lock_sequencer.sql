-- Make this transaction the one that gives positions.
-- Parameters: none. Returns: one row of no interest. Locks: the one row of change_log_state, until the transaction ends:
-- positions are therefore committed in their order.
SELECT last_position FROM change_log_state FOR UPDATE
