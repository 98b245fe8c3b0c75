-- Stamp things that the source answered for; an answer older than the one known changes nothing but the state.
-- Parameters: source, kind, state text (fresh or empty); ids, changed_ids bigint[]; checked_at, due_at, now timestamptz;
-- soon_ids bigint[]: those that are due at soon_at timestamptz instead.
-- Returns: nothing. Locks: the rows, in order of id. Index: primary key.
INSERT INTO sync_ledger AS known (
    source, kind, external_id, state, reason, due_at, checked_at, changed_at, created_at
)
SELECT
    %(source)s, %(kind)s, found.id, %(state)s, 'routine',
    CASE WHEN found.id = ANY (%(soon_ids)s::bigint[]) THEN least(%(soon_at)s, %(due_at)s) ELSE %(due_at)s END,
    %(checked_at)s, %(checked_at)s, %(now)s
FROM unnest(%(ids)s::bigint[]) AS found (id)
ORDER BY found.id
ON CONFLICT (source, kind, external_id) DO UPDATE SET
    state = excluded.state,
    reason = 'routine',
    run_id = 0,
    due_at = greatest(excluded.due_at, CASE WHEN known.checked_at > excluded.checked_at THEN known.due_at END),
    checked_at = greatest(known.checked_at, excluded.checked_at),
    changed_upstream_at = CASE WHEN known.changed_upstream_at > excluded.checked_at THEN known.changed_upstream_at END,
    changed_at = CASE
        WHEN known.changed_at IS NULL OR excluded.external_id = ANY (%(changed_ids)s::bigint[]) THEN excluded.changed_at
        ELSE known.changed_at
    END,
    denied_at = NULL,
    last_denied_at = NULL,
    denials = 0,
    attempts = 0,
    error_code = NULL,
    error = NULL
