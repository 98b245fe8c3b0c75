-- Put back things whose job was cancelled and that no run waits for any longer.
-- Parameters: source, kind text; ids bigint[]; now timestamptz.
-- Returns: nothing. Locks: the rows; lock them before, in order. Index: primary key, sync_run_items_open_index.
UPDATE sync_ledger AS known SET
    state = 'wanted',
    due_at = %(now)s
WHERE known.source = %(source)s
  AND known.kind = %(kind)s
  AND known.external_id = ANY (%(ids)s::bigint[])
  AND known.state = 'queued'
  AND NOT EXISTS (
      SELECT
      FROM sync_run_items AS item
      WHERE item.kind = known.kind AND item.external_id = known.external_id AND item.state IN ('open', 'waiting')
  )
