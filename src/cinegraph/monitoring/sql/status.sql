-- The whole deployment in one row, exact: seconds in a large database, so for who asks once. `pulse.sql` is for tickers.
-- Parameters: source text; now timestamptz. Locks: none.
SELECT
    (SELECT count(*) FROM sync_ledger WHERE source = %(source)s AND kind = 'movie') AS total_movies,
    (SELECT count(*) FROM movies) AS imported_movies,
    (SELECT count(*) FROM people) AS people,
    (SELECT count(*) FROM credits) AS credits,
    (SELECT count(*) FROM sync_ledger WHERE state = 'failed' AND source = %(source)s AND kind = 'movie') AS failed_movies,
    (SELECT count(*) FROM sync_ledger WHERE state = 'absent' AND source = %(source)s AND kind = 'movie') AS absent_movies,
    (SELECT count(*) FROM quarantine WHERE is_confirmed AND resolved_at IS NULL) AS quarantined_bodies,
    (SELECT max(checked_at) FROM sync_ledger WHERE source = %(source)s) AS last_sync_at,
    (SELECT min(due_at) FROM sync_ledger WHERE source = %(source)s AND due_at > %(now)s) AS next_sync_at,
    (SELECT count(*) FROM sync_runs WHERE state = 'running') AS active_runs,
    (
        SELECT count(*) FROM sync_ledger
        WHERE source = %(source)s AND kind = 'movie' AND state = 'fresh' AND checked_at > %(now)s - interval '7 days'
    ) AS checked_last_week,
    (
        -- By run, because the index of ended items begins with the run.
        SELECT count(*)
        FROM sync_runs AS run
        CROSS JOIN LATERAL (
            SELECT
            FROM sync_run_items AS item
            WHERE item.run_id = run.id
              AND item.kind = 'movie'
              AND item.state = 'done'
              AND item.ended_at > %(now)s - interval '1 hour'
        ) AS stored
        WHERE run.finished_at IS NULL OR run.finished_at > %(now)s - interval '1 hour'
    ) AS imported_last_hour
