-- Sets a setting until the end of the transaction.
-- Parameters: setting text, value text.
-- Returns: one row, the value.
-- Locks: none.
SELECT set_config(%(setting)s, %(value)s, true);
