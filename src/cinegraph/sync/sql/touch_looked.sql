-- Stamp films whose votes were looked at. Nothing else of them was checked: what changed upstream stays due, and what is
-- wanted or was never fetched whole stays wanted.
-- Parameters: source, kind text; ids, changed_ids bigint[]; due_at, now timestamptz; soon_ids bigint[]: those that are
-- due at soon_at timestamptz instead.
-- Returns: nothing. Locks: the rows, in order of id. Index: primary key.
WITH looked AS MATERIALIZED (
    SELECT
        entry.external_id,
        entry.state <> 'wanted' AND entry.checked_at IS NOT NULL AS is_whole,
        entry.external_id = ANY (%(changed_ids)s::bigint[]) AS is_changed,
        CASE
            WHEN entry.external_id = ANY (%(soon_ids)s::bigint[]) THEN least(%(soon_at)s, %(due_at)s)
            ELSE %(due_at)s
        END AS due_at
    FROM sync_ledger AS entry
    WHERE entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = ANY (%(ids)s::bigint[])
    ORDER BY entry.external_id
    FOR NO KEY UPDATE
)
UPDATE sync_ledger AS entry SET
    votes_at = greatest(entry.votes_at, %(now)s),
    changed_at = CASE WHEN looked.is_changed THEN %(now)s ELSE entry.changed_at END,
    state = CASE WHEN looked.is_whole THEN 'fresh' WHEN entry.state = 'queued' THEN 'wanted' ELSE entry.state END,
    reason = CASE WHEN looked.is_whole AND entry.changed_upstream_at IS NULL THEN 'routine' ELSE entry.reason END,
    run_id = CASE WHEN looked.is_whole THEN 0 ELSE entry.run_id END,
    due_at = CASE
        WHEN NOT looked.is_whole OR entry.changed_upstream_at IS NOT NULL THEN coalesce(entry.due_at, %(now)s)
        ELSE looked.due_at
    END,
    denied_at = NULL,
    last_denied_at = NULL,
    denials = 0,
    attempts = CASE WHEN looked.is_whole THEN 0 ELSE entry.attempts END,
    error_code = CASE WHEN looked.is_whole THEN NULL ELSE entry.error_code END,
    error = CASE WHEN looked.is_whole THEN NULL ELSE entry.error END
FROM looked
WHERE entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = looked.external_id
