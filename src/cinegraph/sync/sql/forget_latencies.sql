-- Forget how long updates took that were long ago.
-- Parameters: source, kind text; before timestamptz. Returns: nothing; its row count is how many. Locks: the rows.
-- Index: update_latencies_updated_index.
DELETE FROM update_latencies WHERE source = %(source)s AND kind = %(kind)s AND updated_at < %(before)s
