-- Give up what a run has not settled.
-- Parameters: run_id bigint; now timestamptz.
-- Returns: nothing. Locks: the items, in the order in which settling locks them. Index: sync_run_items_unfinished_index.
WITH unsettled AS MATERIALIZED (
    SELECT item.run_id, item.kind, item.external_id
    FROM sync_run_items AS item
    WHERE item.run_id = %(run_id)s AND item.state IN ('open', 'waiting')
    ORDER BY item.external_id
    FOR NO KEY UPDATE
)
UPDATE sync_run_items AS item SET
    state = 'cancelled',
    due_at = NULL,
    ended_at = %(now)s
FROM unsettled
WHERE item.run_id = unsettled.run_id
  AND item.kind = unsettled.kind
  AND item.external_id = unsettled.external_id
