-- When the last message about alerts was made. Parameters: none. Returns: one timestamptz or null. Locks: none.
-- Index: the primary key, backwards; of tests there are few.
SELECT (SELECT created_at FROM alert_messages WHERE NOT is_test ORDER BY id DESC LIMIT 1)
