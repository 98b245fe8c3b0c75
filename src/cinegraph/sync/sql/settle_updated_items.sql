-- End the items of films of which some fields were updated, in the runs that ask for no others.
-- Parameters: kind, state text; ids bigint[]; fields text[]: those that were told; now timestamptz.
-- Returns: nothing. Locks: the items, in order of id and run. Index: sync_run_items_open_index.
WITH waiting AS MATERIALIZED (
    SELECT item.run_id, item.kind, item.external_id
    FROM sync_run_items AS item
    INNER JOIN sync_runs AS run ON run.id = item.run_id
    WHERE item.kind = %(kind)s
      AND item.external_id = ANY (%(ids)s::bigint[])
      AND item.state IN ('planned', 'open', 'waiting')
      AND run.arguments -> 'fields' <@ to_jsonb(%(fields)s::text[])
    ORDER BY item.external_id, item.run_id
    FOR NO KEY UPDATE OF item
)
UPDATE sync_run_items AS item SET
    state = %(state)s,
    error_code = NULL,
    due_at = NULL,
    ended_at = %(now)s
FROM waiting
WHERE item.run_id = waiting.run_id
  AND item.kind = waiting.kind
  AND item.external_id = waiting.external_id
