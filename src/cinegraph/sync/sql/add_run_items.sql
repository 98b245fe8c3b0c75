-- Give a run things to do.
-- Parameters: run_id bigint; kind text; ids bigint[] (sorted). Returns: the ids new to the run.
-- Locks: the new rows, in order of id. Index: primary key.
INSERT INTO sync_run_items (run_id, kind, external_id, state)
SELECT %(run_id)s, %(kind)s, given.id, 'open'
FROM unnest(%(ids)s::bigint[]) AS given (id)
ORDER BY given.id
ON CONFLICT (run_id, kind, external_id) DO NOTHING
RETURNING external_id
