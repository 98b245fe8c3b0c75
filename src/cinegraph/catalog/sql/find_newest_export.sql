-- The newest merged list of a source and kind.
-- Parameters: source, kind text. Returns: listed_on, line_count; no row before the first.
-- Index: export_snapshots_merged_index.
SELECT listed_on, line_count
FROM export_snapshots
WHERE state = 'merged' AND source = %(source)s AND kind = %(kind)s
ORDER BY listed_on DESC
LIMIT 1
