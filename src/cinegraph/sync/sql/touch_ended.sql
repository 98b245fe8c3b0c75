-- Stamp a thing whose fetching ended without a body that could be stored.
-- Parameters: source, kind, state, error_code, error text; external_id bigint; attempts integer;
-- due_at, checked_at, now timestamptz.
-- Returns: nothing. Locks: the row. Index: primary key.
INSERT INTO sync_ledger AS known (
    source, kind, external_id, state, reason, due_at, checked_at, attempts, error_code, error, created_at
)
VALUES (
    %(source)s, %(kind)s, %(external_id)s, %(state)s, 'routine', %(due_at)s, %(checked_at)s, %(attempts)s,
    %(error_code)s, %(error)s, %(now)s
)
ON CONFLICT (source, kind, external_id) DO UPDATE SET
    state = excluded.state,
    -- Whoever waited for it has been told.
    run_id = 0,
    due_at = excluded.due_at,
    checked_at = coalesce(excluded.checked_at, known.checked_at),
    attempts = excluded.attempts,
    error_code = excluded.error_code,
    error = excluded.error
