-- Which runs of a kind wait for things. Parameters: kind text; ids bigint[]; run_kind text. Returns: external_id, run_id, ascending.
-- Locks: none. Index: sync_run_items_open_index.
SELECT item.external_id, item.run_id
FROM sync_run_items AS item
INNER JOIN sync_runs AS run ON run.id = item.run_id
WHERE item.kind = %(kind)s
  AND item.external_id = ANY (%(ids)s::bigint[])
  AND item.state IN ('planned', 'open', 'waiting')
  AND run.kind = %(run_kind)s
  AND run.state IN ('running', 'paused')
ORDER BY item.external_id, item.run_id
