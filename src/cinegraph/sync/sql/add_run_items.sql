-- Give a run things to do; one that has ended takes none.
-- Parameters: run_id bigint; kind text; ids bigint[] (sorted). Returns: the ids new to the run.
-- Locks: the run, shared, so that it cannot be cancelled meanwhile; the new rows, in order of id. Index: primary key.
INSERT INTO sync_run_items (run_id, kind, external_id, state)
SELECT run.id, %(kind)s, given.id, 'open'
FROM (SELECT id FROM sync_runs WHERE id = %(run_id)s AND state IN ('running', 'paused') FOR SHARE) AS run
CROSS JOIN unnest(%(ids)s::bigint[]) AS given (id)
ORDER BY given.id
ON CONFLICT (run_id, kind, external_id) DO NOTHING
RETURNING external_id
