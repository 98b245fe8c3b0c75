-- Open the items of running runs whose further round is due.
-- Parameters: now timestamptz; limit integer. Returns: run_id, kind, external_id, round of each,
-- and what kind of run it is.
-- Locks: the items; those another node is reopening are skipped. Index: sync_run_items_open_index.
WITH due AS MATERIALIZED (
    SELECT item.run_id, item.kind, item.external_id, run.kind AS run_kind
    FROM sync_run_items AS item
    INNER JOIN sync_runs AS run ON run.id = item.run_id AND run.state = 'running'
    WHERE item.state = 'waiting' AND item.due_at <= %(now)s
    ORDER BY item.due_at
    LIMIT %(limit)s
    FOR NO KEY UPDATE OF item SKIP LOCKED
)
UPDATE sync_run_items AS item SET
    state = 'open',
    round = item.round + 1,
    due_at = NULL
FROM due
WHERE item.run_id = due.run_id
  AND item.kind = due.kind
  AND item.external_id = due.external_id
RETURNING item.run_id, item.kind, item.external_id, item.round, due.run_kind
