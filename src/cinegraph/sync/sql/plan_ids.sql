-- Plan things of the ledger for a run, but for those that were answered already.
-- Parameters: run_id bigint; source, kind, item_kind text; ids bigint[] (sorted). Returns: how many.
-- Locks: the run, shared; the new rows, in order of id. Index: primary keys.
WITH planned AS (
    INSERT INTO sync_run_items (run_id, kind, external_id, state)
    SELECT run.id, %(item_kind)s, entry.external_id, CASE entry.state WHEN 'queued' THEN 'open' ELSE 'planned' END
    FROM (SELECT id FROM sync_runs WHERE id = %(run_id)s AND state IN ('running', 'paused') FOR SHARE) AS run
    CROSS JOIN unnest(%(ids)s::bigint[]) AS given (id)
    INNER JOIN sync_ledger AS entry
        ON entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = given.id
    WHERE entry.state IN ('wanted', 'queued', 'failed', 'quarantined')
    ORDER BY entry.external_id
    ON CONFLICT (run_id, kind, external_id) DO NOTHING
    RETURNING 1
)
SELECT count(*)
FROM planned
