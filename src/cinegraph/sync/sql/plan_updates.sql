-- Plan stored films for a run that updates them, the most popular ones; or only count them.
-- Parameters: run_id bigint or null (only count); source, kind text; released_from, released_to date or null; checked_before
-- timestamptz or null: only films that were not fetched whole since; limit bigint or null.
-- Returns: how many. Locks: the run, shared; the new rows, in order of id. Run it with a long statement_timeout: seconds at
-- a million films.
WITH run AS MATERIALIZED (
    SELECT id FROM sync_runs WHERE id = %(run_id)s::bigint AND state IN ('running', 'paused') FOR SHARE
), chosen AS MATERIALIZED (
    SELECT movies.tmdb_id
    FROM movies
    LEFT JOIN sync_ledger AS entry
        ON entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = movies.tmdb_id
    WHERE movies.tmdb_id IS NOT NULL
      AND movies.gone_at IS NULL
      AND (%(released_from)s::date IS NULL OR movies.release_date >= %(released_from)s::date)
      AND (%(released_to)s::date IS NULL OR movies.release_date <= %(released_to)s::date)
      AND (
          %(checked_before)s::timestamptz IS NULL
          OR entry.checked_at IS NULL
          OR entry.checked_at < %(checked_before)s::timestamptz
      )
    ORDER BY movies.popularity DESC NULLS LAST, movies.tmdb_id
    LIMIT %(limit)s
), planned AS (
    INSERT INTO sync_run_items (run_id, kind, external_id, state)
    SELECT run.id, %(kind)s, chosen.tmdb_id, 'planned'
    FROM run
    CROSS JOIN chosen
    ORDER BY chosen.tmdb_id
    ON CONFLICT (run_id, kind, external_id) DO NOTHING
)
SELECT count(*) FROM chosen
