-- Open the planned items of things whose jobs are being made, in every run: one answer settles them all.
-- Parameters: kind text; ids bigint[]. Returns: run_id, external_id of each. Locks: the items, in order of id and run.
-- Index: sync_run_items_open_index.
WITH planned AS MATERIALIZED (
    SELECT item.run_id, item.kind, item.external_id
    FROM sync_run_items AS item
    WHERE item.kind = %(kind)s
      AND item.external_id = ANY (%(ids)s::bigint[])
      AND item.state = 'planned'
    ORDER BY item.external_id, item.run_id
    FOR NO KEY UPDATE
)
UPDATE sync_run_items AS item SET state = 'open'
FROM planned
WHERE item.run_id = planned.run_id
  AND item.kind = planned.kind
  AND item.external_id = planned.external_id
RETURNING item.run_id, item.external_id
