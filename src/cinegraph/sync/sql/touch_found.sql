-- Stamp things that the source answered for.
-- Parameters: source, kind text; ids, changed_ids bigint[]; now, due_at timestamptz.
-- Returns: nothing. Locks: the rows, in order of id. Index: primary key.
INSERT INTO sync_ledger AS known (
    source, kind, external_id, state, reason, due_at, checked_at, changed_at, created_at
)
SELECT %(source)s, %(kind)s, found.id, 'fresh', 'routine', %(due_at)s, %(now)s, %(now)s, %(now)s
FROM unnest(%(ids)s::bigint[]) AS found (id)
ORDER BY found.id
ON CONFLICT (source, kind, external_id) DO UPDATE SET
    state = 'fresh',
    reason = 'routine',
    due_at = excluded.due_at,
    checked_at = excluded.checked_at,
    changed_at = CASE
        WHEN known.changed_at IS NULL OR excluded.external_id = ANY (%(changed_ids)s::bigint[]) THEN excluded.changed_at
        ELSE known.changed_at
    END,
    attempts = 0,
    error_code = NULL,
    error = NULL
