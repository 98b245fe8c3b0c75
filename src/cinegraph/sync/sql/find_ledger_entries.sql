-- What every source knows of one thing.
-- Parameters: kind text; external_id bigint. Returns: one row a source.
SELECT
    source, kind, external_id, state, reason, due_at, checked_at, changed_at, attempts, error_code, error,
    priority, queued_at, asked_for
FROM sync_ledger
WHERE kind = %(kind)s AND external_id = %(external_id)s
ORDER BY source
