-- End items, in every run that waits for them or in one run alone.
-- Parameters: run_id bigint or null; kind, state, error_code text; ids bigint[]; now timestamptz.
-- Returns: nothing. Locks: the items, in order of id and run. Index: sync_run_items_open_index.
WITH waiting AS MATERIALIZED (
    SELECT item.run_id, item.kind, item.external_id
    FROM sync_run_items AS item
    WHERE item.kind = %(kind)s
      AND item.external_id = ANY (%(ids)s::bigint[])
      AND item.state IN ('planned', 'open', 'waiting')
      AND (%(run_id)s::bigint IS NULL OR item.run_id = %(run_id)s)
    ORDER BY item.external_id, item.run_id
    FOR NO KEY UPDATE
)
UPDATE sync_run_items AS item SET
    state = %(state)s,
    error_code = %(error_code)s,
    due_at = NULL,
    ended_at = %(now)s
FROM waiting
WHERE item.run_id = waiting.run_id
  AND item.kind = waiting.kind
  AND item.external_id = waiting.external_id
