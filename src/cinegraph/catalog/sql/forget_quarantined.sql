-- Delete bodies that could not be read and have not come again for as long as the source's terms allow keeping them.
-- Parameters: source text; before timestamptz. Returns: nothing; its row count is how many. Locks: the rows.
DELETE FROM quarantine
WHERE source = %(source)s AND last_seen_at < %(before)s
