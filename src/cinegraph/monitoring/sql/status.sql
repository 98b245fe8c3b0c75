-- The whole deployment in one row, exact, from counts that are kept as rows change: as cheap at a million films as at ten.
-- Parameters: source text; now timestamptz. Locks: none.
WITH known AS MATERIALIZED (
    SELECT
        coalesce(sum(things), 0)::bigint AS total,
        coalesce(sum(things) FILTER (WHERE state = 'failed'), 0)::bigint AS failed,
        coalesce(sum(things) FILTER (WHERE state = 'absent'), 0)::bigint AS absent,
        coalesce(sum(things) FILTER (WHERE state = 'wanted'), 0)::bigint AS wanted,
        coalesce(sum(things) FILTER (
            WHERE state = 'fresh' AND checked_on > ((%(now)s::timestamptz AT TIME ZONE 'UTC') - interval '7 days')::date
        ), 0)::bigint AS checked_last_week
    FROM sync_ledger_totals
    WHERE source = %(source)s AND kind = 'movie'
)
SELECT
    known.total AS total_movies,
    coalesce((SELECT rows FROM catalog_totals WHERE name = 'movies'), 0) AS imported_movies,
    coalesce((SELECT rows FROM catalog_totals WHERE name = 'people'), 0) AS people,
    coalesce((SELECT rows FROM catalog_totals WHERE name = 'credits'), 0) AS credits,
    known.failed AS failed_movies,
    known.absent AS absent_movies,
    known.wanted AS wanted_movies,
    (SELECT count(*) FROM quarantine WHERE is_confirmed AND resolved_at IS NULL) AS quarantined_bodies,
    (SELECT max(checked_at) FROM sync_ledger WHERE source = %(source)s AND kind = 'movie') AS last_sync_at,
    (
        SELECT min(due_at) FROM sync_ledger
        WHERE source = %(source)s AND kind = 'movie' AND due_at > %(now)s AND state NOT IN ('wanted', 'queued')
    ) AS next_sync_at,
    (SELECT count(*) FROM sync_runs WHERE state IN ('running', 'paused')) AS active_runs,
    known.checked_last_week,
    (
        -- By whole minutes, because these are counted: at full speed an hour is a million items.
        SELECT coalesce(sum(stored.items), 0)::bigint
        FROM sync_runs AS run
        INNER JOIN sync_run_ended AS stored ON stored.run_id = run.id
        WHERE (run.finished_at IS NULL OR run.finished_at > %(now)s - interval '1 hour')
          AND stored.kind = 'movie'
          AND stored.state = 'done'
          AND stored.minute > %(now)s - interval '1 hour'
    ) AS imported_last_hour
FROM known
