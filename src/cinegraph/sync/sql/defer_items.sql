-- Leave the planned items of a stage to the backlog: its source can be asked no more today.
-- Parameters: kind text; now timestamptz; limit integer. Returns: how many. Locks: the items; those others are at are left.
-- Index: sync_run_items_open_index.
WITH planned AS MATERIALIZED (
    SELECT item.run_id, item.kind, item.external_id
    FROM sync_run_items AS item
    WHERE item.kind = %(kind)s AND item.state = 'planned'
    LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
), deferred AS (
    UPDATE sync_run_items AS item SET
        state = 'deferred',
        ended_at = %(now)s
    FROM planned
    WHERE item.run_id = planned.run_id
      AND item.kind = planned.kind
      AND item.external_id = planned.external_id
    RETURNING 1
)
SELECT count(*)
FROM deferred
