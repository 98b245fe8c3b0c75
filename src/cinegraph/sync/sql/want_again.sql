-- Put back things whose job was cancelled and that no run waits for any longer: known and wanted by nobody; what was
-- answered once is due again later, unless nothing can be asked for it.
-- Parameters: source, kind text; item_kind text (of the runs' items); ids bigint[]; again_at timestamptz or null.
-- Returns: nothing. Locks: the rows; lock them before, in order. Index: primary key, sync_run_items_open_index.
UPDATE sync_ledger AS known SET
    state = CASE WHEN %(again_at)s::timestamptz IS NULL THEN 'wanted' ELSE state_before(known) END,
    due_at = CASE WHEN state_before(known) <> 'wanted' THEN %(again_at)s::timestamptz END,
    run_id = 0
WHERE known.source = %(source)s
  AND known.kind = %(kind)s
  AND known.external_id = ANY (%(ids)s::bigint[])
  AND known.state = 'queued'
  AND NOT EXISTS (
      SELECT
      FROM sync_run_items AS item
      WHERE item.kind = %(item_kind)s
        AND item.external_id = known.external_id
        AND item.state IN ('planned', 'open', 'waiting')
  )
