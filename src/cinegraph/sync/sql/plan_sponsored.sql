-- Plan for a run what the ledger wants for it.
-- Parameters: run_id bigint; source, kind, item_kind text. Returns: one row: planned.
-- Locks: the new items, in order of id; the rows of the ledger are new in this transaction. Index: sync_ledger_wanted_index.
WITH planned AS (
    INSERT INTO sync_run_items (run_id, kind, external_id, state)
    SELECT %(run_id)s, %(item_kind)s, entry.external_id, 'planned'
    FROM sync_ledger AS entry
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.run_id = %(run_id)s
      AND entry.state = 'wanted'
      AND entry.due_at IS NOT NULL
    ORDER BY entry.external_id
    ON CONFLICT (run_id, kind, external_id) DO NOTHING
    RETURNING 1
)
SELECT count(*) AS planned
FROM planned
