-- What: how long until something of a run gets a further round.
-- Parameters: run_id bigint; now timestamptz. Returns: one row: seconds, null when nothing waits. Locks: none.
-- Index: sync_run_items_unfinished_index.
SELECT extract(EPOCH FROM min(due_at) - %(now)s)::double precision
FROM sync_run_items
WHERE run_id = %(run_id)s AND state = 'waiting'
