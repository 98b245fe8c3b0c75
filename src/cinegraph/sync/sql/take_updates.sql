-- Open planned films of runs that update them, of the oldest run first; their jobs are made in the same transaction.
-- Parameters: kind text; run_ids bigint[]: locked by the caller; limit integer.
-- Returns: run_id, kind, external_id, round and what kind of run it is, in order of run and id.
-- Locks: the items, in order of run and id; those that somebody else is at are left. Index: primary key.
WITH taken AS MATERIALIZED (
    SELECT item.run_id, item.kind, item.external_id
    FROM sync_run_items AS item
    WHERE item.run_id = ANY (%(run_ids)s::bigint[]) AND item.kind = %(kind)s AND item.state = 'planned'
    ORDER BY item.run_id, item.external_id
    LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
), opened AS (
    UPDATE sync_run_items AS item SET state = 'open'
    FROM taken
    WHERE item.run_id = taken.run_id AND item.kind = taken.kind AND item.external_id = taken.external_id
    RETURNING item.run_id, item.kind, item.external_id, item.round
)
SELECT opened.run_id, opened.kind, opened.external_id, opened.round, run.kind
FROM opened
INNER JOIN sync_runs AS run ON run.id = opened.run_id
ORDER BY opened.run_id, opened.external_id
