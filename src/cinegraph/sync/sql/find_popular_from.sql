-- The popularity of the 2,000th most popular film of the newest list.
-- Parameters: source, kind text. Returns: at most one row, which may hold null. Locks: none.
-- Index: export_snapshots_merged_index.
SELECT popular_from FROM export_snapshots
WHERE source = %(source)s AND kind = %(kind)s AND state = 'merged'
ORDER BY listed_on DESC
LIMIT 1
