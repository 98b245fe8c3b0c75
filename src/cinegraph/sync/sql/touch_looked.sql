-- Stamp films whose votes were looked at. Nothing else of them was checked: what changed upstream stays due, and what is
-- wanted or was never fetched whole stays wanted.
-- Parameters: source, kind text; ids, changed_ids bigint[]; due_at (of what is no stored film), now timestamptz;
-- popular_from double precision: the popularity from which a film comes due after update_days double precision.
-- Returns: nothing. Locks: the rows, in order of id. Index: primary key; unique tmdb_id. Rows are found again by where they
-- are: while a table that has grown is not analyzed, finding them by key is planned as a loop over all of them.
WITH look AS MATERIALIZED (
    SELECT * FROM plan_looks(%(source)s, %(kind)s, %(ids)s::bigint[], %(now)s, %(popular_from)s, %(update_days)s)
), looked AS MATERIALIZED (
    SELECT
        entry.ctid AS place,
        entry.external_id,
        entry.state <> 'wanted' AND entry.checked_at IS NOT NULL AS is_whole,
        entry.external_id = ANY (%(changed_ids)s::bigint[]) AS is_changed,
        coalesce(look.due_at, %(due_at)s) AS due_at,
        coalesce(look.watched_days, entry.watched_days) AS watched_days,
        coalesce(look.moves, entry.moves) AS moves,
        coalesce(look.moved_days, entry.moved_days) AS moved_days
    FROM sync_ledger AS entry
    LEFT JOIN look ON look.external_id = entry.external_id
    WHERE entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = ANY (%(ids)s::bigint[])
    ORDER BY entry.external_id
    FOR NO KEY UPDATE OF entry
)
UPDATE sync_ledger AS entry SET
    votes_at = greatest(entry.votes_at, %(now)s),
    watched_days = looked.watched_days,
    moves = looked.moves,
    moved_days = looked.moved_days,
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
WHERE entry.ctid = looked.place
