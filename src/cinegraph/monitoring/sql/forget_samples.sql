-- Forget how things were long ago. Parameters: before timestamptz (real time). Returns: nothing; its row count is how many
-- minutes. Locks: the rows, and those of queues and sources with them. Index: the primary keys.
DELETE FROM monitoring_samples WHERE minute < %(before)s
