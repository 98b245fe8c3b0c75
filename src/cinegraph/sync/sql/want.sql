-- Note that things are wanted, each with its worth; what is fresh, queued or absent keeps its state.
-- Parameters: source, kind, reason text; ids bigint[] (sorted), priorities double precision[]; run_id bigint (0: none);
-- due_at timestamptz or null (nobody asks yet); now timestamptz.
-- Returns: nothing. Locks: the rows, in order of id. Index: primary key.
INSERT INTO sync_ledger AS known (source, kind, external_id, state, reason, priority, run_id, due_at, created_at)
SELECT %(source)s, %(kind)s, given.id, 'wanted', %(reason)s, given.priority, %(run_id)s, %(due_at)s, %(now)s
FROM unnest(%(ids)s::bigint[], %(priorities)s::double precision[]) AS given (id, priority)
ORDER BY given.id
ON CONFLICT (source, kind, external_id) DO UPDATE SET
    state = 'wanted',
    reason = excluded.reason,
    -- What an export or a page said of its worth is not forgotten.
    priority = greatest(excluded.priority, known.priority),
    run_id = excluded.run_id,
    due_at = coalesce(excluded.due_at, known.due_at)
WHERE known.state IN ('wanted', 'failed', 'quarantined')
