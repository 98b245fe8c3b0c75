-- Delete alerts that were over before a time.
-- Parameters: before timestamptz. Returns: nothing; its row count is how many. Locks: the rows.
DELETE FROM alerts WHERE closed_at < %(before)s
