-- Forget what was done long ago.
-- Parameters: before timestamptz. Returns: nothing. Locks: the rows. Index: operator_actions_at_index.
DELETE FROM operator_actions WHERE at < %(before)s
