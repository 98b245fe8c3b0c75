-- Stamp a film that the source says it does not have, and count the denial when the last one was hours ago. A film that is
-- stored, or that the newest list names, is asked for again soon: one 404 may be a fault of theirs.
-- Parameters: source, kind text; external_id bigint; apart interval: between denials that count; enough smallint: denials
-- that are evidence; soon_at, later_at, absent_at, now timestamptz: when it is asked for again while evidence is wanted,
-- while it waits for the lists, and when nobody expects it.
-- Returns: nothing. Locks: the row. Index: primary keys.
WITH known AS (
    SELECT
        EXISTS (SELECT FROM movies WHERE tmdb_id = %(external_id)s AND gone_at IS NULL)
        OR EXISTS (SELECT FROM listed_movies WHERE tmdb_id = %(external_id)s AND missing_since IS NULL) AS is_expected
)
INSERT INTO sync_ledger AS entry (
    source, kind, external_id, state, reason, due_at, checked_at, attempts, denied_at, last_denied_at, denials, created_at
)
SELECT
    %(source)s, %(kind)s, %(external_id)s, 'absent', 'routine',
    CASE WHEN known.is_expected THEN %(soon_at)s ELSE %(absent_at)s END, %(now)s, 0, %(now)s, %(now)s, 1, %(now)s
FROM known
ON CONFLICT (source, kind, external_id) DO UPDATE SET
    state = 'absent',
    -- Whoever waited for it has been told.
    run_id = 0,
    due_at = CASE
        WHEN NOT (SELECT is_expected FROM known) THEN %(absent_at)s
        WHEN entry.denials + (entry.last_denied_at IS NULL OR entry.last_denied_at <= %(now)s - %(apart)s)::integer >= %(enough)s
            THEN %(later_at)s
        ELSE %(soon_at)s
    END,
    reason = 'routine',
    checked_at = excluded.checked_at,
    changed_upstream_at = NULL,
    unchanged_until = NULL,
    denied_at = coalesce(entry.denied_at, excluded.denied_at),
    denials = least(
        entry.denials + (entry.last_denied_at IS NULL OR entry.last_denied_at <= %(now)s - %(apart)s)::integer, 1000
    ),
    last_denied_at = CASE
        WHEN entry.last_denied_at IS NULL OR entry.last_denied_at <= %(now)s - %(apart)s THEN excluded.last_denied_at
        ELSE entry.last_denied_at
    END,
    attempts = 0,
    error_code = NULL,
    error = NULL
