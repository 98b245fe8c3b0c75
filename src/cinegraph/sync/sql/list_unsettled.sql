-- What a run has not settled.
-- Parameters: run_id bigint. Returns: kind, its ids bigint[] ascending. Locks: none.
-- Index: sync_run_items_unfinished_index.
SELECT kind, array_agg(external_id ORDER BY external_id)
FROM sync_run_items
WHERE run_id = %(run_id)s AND state IN ('open', 'waiting')
GROUP BY kind
ORDER BY kind
