-- Stamp things that the source answered for; an answer older than the one known changes nothing but the state.
-- A stored film whose votes are watched (vote_pace) comes due by its own interval.
-- Parameters: source, kind, state text (fresh or empty); ids, changed_ids bigint[]; checked_at, due_at (of others), now
-- timestamptz; popular_from double precision: the popularity from which a film comes due after update_days double precision.
-- Returns: nothing. Locks: the rows, in order of id. Index: primary key; unique tmdb_id.
WITH look AS MATERIALIZED (
    SELECT * FROM plan_looks(
        %(source)s, %(kind)s, %(ids)s::bigint[], %(checked_at)s, %(popular_from)s, %(update_days)s
    )
)
INSERT INTO sync_ledger AS known (
    source, kind, external_id, state, reason, due_at, checked_at, changed_at, created_at, votes_at, watched_days,
    moves, moved_days
)
SELECT
    %(source)s, %(kind)s, found.id, %(state)s, 'routine',
    coalesce(look.due_at, %(due_at)s),
    %(checked_at)s, %(checked_at)s, %(now)s,
    CASE WHEN look.external_id IS NOT NULL THEN %(checked_at)s::timestamptz END,
    coalesce(look.watched_days, 0), coalesce(look.moves, 0), coalesce(look.moved_days, 0)
FROM unnest(%(ids)s::bigint[]) AS found (id)
LEFT JOIN look ON look.external_id = found.id
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
    votes_at = greatest(known.votes_at, excluded.votes_at),
    watched_days = CASE WHEN excluded.votes_at IS NULL THEN known.watched_days ELSE excluded.watched_days END,
    moves = CASE WHEN excluded.votes_at IS NULL THEN known.moves ELSE excluded.moves END,
    moved_days = CASE WHEN excluded.votes_at IS NULL THEN known.moved_days ELSE excluded.moved_days END,
    attempts = 0,
    error_code = NULL,
    error = NULL
