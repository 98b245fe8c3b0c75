-- Stamp things that the source answered for; an answer older than the one known changes nothing but the state.
-- A stored film whose votes are watched (vote_pace) comes due by its own interval; how long the update of a popular one took
-- is kept.
-- Parameters: source, kind, state text (fresh or empty); ids, changed_ids bigint[]; checked_at, due_at (of others), now
-- timestamptz; popular_from double precision: the popularity from which a film comes due after update_days double precision;
-- aged_ids bigint[], made_ats, again_ats timestamptz[]: of answers that came from a cache, when the source made them and when
-- the cache lets go of them.
-- Returns: nothing. Locks: the rows, in order of id. Index: primary key; unique tmdb_id.
WITH aged AS MATERIALIZED (
    SELECT *
    FROM unnest(%(aged_ids)s::bigint[], %(made_ats)s::timestamptz[], %(again_ats)s::timestamptz[])
        AS given (id, made_at, again_at)
), look AS MATERIALIZED (
    SELECT * FROM plan_looks(
        %(source)s, %(kind)s, %(ids)s::bigint[], %(checked_at)s, %(popular_from)s, %(update_days)s
    )
), updated AS (
    -- How long popular films waited since they were last known to be unchanged.
    INSERT INTO update_latencies (source, kind, external_id, updated_at, seconds)
    SELECT
        entry.source, entry.kind, entry.external_id, %(now)s,
        greatest(extract(epoch FROM %(now)s::timestamptz - entry.unchanged_until), 0)
    FROM look
    INNER JOIN LATERAL (
        SELECT * FROM sync_ledger
        WHERE source = %(source)s AND kind = %(kind)s AND external_id = look.external_id
    ) AS entry ON entry.unchanged_until IS NOT NULL AND entry.changed_upstream_at <= %(checked_at)s
    LEFT JOIN aged ON aged.id = look.external_id
    -- An answer made before the feed was silent about the film for the last time does not tell of the change.
    WHERE look.is_popular AND (aged.made_at IS NULL OR aged.made_at >= entry.unchanged_until)
)
INSERT INTO sync_ledger AS known (
    source, kind, external_id, state, reason, due_at, checked_at, changed_at, created_at, votes_at, watched_days,
    moves, moved_days
)
SELECT
    %(source)s, %(kind)s, found.id, %(state)s, 'routine',
    coalesce(look.due_at, %(due_at)s),
    coalesce(aged.made_at, %(checked_at)s), %(checked_at)s, %(now)s,
    CASE WHEN look.external_id IS NOT NULL THEN %(checked_at)s::timestamptz END,
    coalesce(look.watched_days, 0), coalesce(look.moves, 0), coalesce(look.moved_days, 0)
FROM unnest(%(ids)s::bigint[]) AS found (id)
LEFT JOIN look ON look.external_id = found.id
LEFT JOIN aged ON aged.id = found.id
ORDER BY found.id
ON CONFLICT (source, kind, external_id) DO UPDATE SET
    state = excluded.state,
    reason = CASE WHEN known.changed_upstream_at > excluded.checked_at THEN known.reason ELSE 'routine' END,
    run_id = 0,
    due_at = CASE
        -- It has changed since this answer: it stays due as the feed let it be, once a cache gives another.
        WHEN known.changed_upstream_at > excluded.checked_at THEN greatest(
            least(known.due_at, excluded.due_at),
            (SELECT aged.again_at FROM aged WHERE aged.id = excluded.external_id)
        )
        ELSE greatest(excluded.due_at, CASE WHEN known.checked_at > excluded.checked_at THEN known.due_at END)
    END,
    checked_at = greatest(known.checked_at, excluded.checked_at),
    changed_upstream_at = CASE WHEN known.changed_upstream_at > excluded.checked_at THEN known.changed_upstream_at END,
    unchanged_until = CASE
        WHEN known.changed_upstream_at > %(checked_at)s THEN known.unchanged_until
        -- Too old to tell of the change; one that may be just as new ends the wait, and is looked at once more.
        WHEN known.changed_upstream_at > excluded.checked_at AND known.unchanged_until > excluded.checked_at
            THEN known.unchanged_until
    END,
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
