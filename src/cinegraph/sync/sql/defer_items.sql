-- Leave the planned items of a stage to the backlog: its source can be asked no more today. What they stand for stays
-- wanted, for no run: theirs may end before the source can be asked again.
-- Parameters: item_kind text; source, kind text (of the ledger); now timestamptz; limit integer. Returns: how many.
-- Locks: the rows of the ledger, in order of id, then the items; what others are at is left.
-- Index: sync_run_items_open_index, primary keys.
WITH planned AS MATERIALIZED (
    SELECT item.run_id, item.external_id
    FROM sync_run_items AS item
    WHERE item.kind = %(item_kind)s AND item.state = 'planned'
    LIMIT %(limit)s
), held AS MATERIALIZED (
    SELECT entry.external_id
    FROM sync_ledger AS entry
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.external_id = ANY (ARRAY(SELECT external_id FROM planned))
    ORDER BY entry.external_id
    FOR NO KEY UPDATE SKIP LOCKED
), released AS (
    UPDATE sync_ledger AS entry SET run_id = 0
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.external_id = ANY (ARRAY(SELECT external_id FROM held))
      AND entry.run_id <> 0
), deferred AS (
    UPDATE sync_run_items AS item SET
        state = 'deferred',
        ended_at = %(now)s
    FROM planned
    INNER JOIN held USING (external_id)
    WHERE item.run_id = planned.run_id
      AND item.kind = %(item_kind)s
      AND item.external_id = planned.external_id
      AND item.state = 'planned'
    RETURNING 1
)
SELECT count(*)
FROM deferred
