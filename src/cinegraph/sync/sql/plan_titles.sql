-- Films were stored: ask the second source for those it can be asked for, and let the runs that wait for the film wait
-- for that too. Run it before the films' own items are settled.
-- Parameters: source, kind, item_kind, film_kind, reason text; ids bigint[] (TMDB's, sorted), priorities double
-- precision[]; recheck interval (how long a document that is there already counts as fresh); now timestamptz.
-- Returns: external_id, movie_id, run_id of each film that a person waits for by name and that is to be asked for: the
-- caller makes its job, or hurries the one that is there. Locks: the rows of the ledger, in order of id; the new items.
-- Index: unique tmdb_id of movies, primary keys, sync_run_items_open_index.
WITH film AS MATERIALIZED (
    SELECT movie.tmdb_id::bigint AS id, movie.id AS movie_id, movie.imdb_id, given.priority, known.checked_at
    FROM unnest(%(ids)s::integer[], %(priorities)s::double precision[]) AS given (id, priority)
    INNER JOIN movies AS movie ON movie.tmdb_id = given.id
    LEFT JOIN documents AS known
        ON known.source = %(source)s AND known.kind = 'title' AND known.external_id = movie.imdb_id
    WHERE movie.imdb_id IS NOT NULL
), awaiting AS MATERIALIZED (
    SELECT item.run_id, item.external_id, run.kind = 'import_movies' AS is_named
    FROM sync_run_items AS item
    INNER JOIN sync_runs AS run ON run.id = item.run_id
    WHERE item.kind = %(film_kind)s
      AND item.external_id = ANY (%(ids)s::bigint[])
      AND item.state IN ('planned', 'open', 'waiting')
      AND run.state IN ('running', 'paused')
), sponsor AS MATERIALIZED (
    SELECT
        external_id, min(run_id) AS run_id, bool_or(is_named) AS is_named,
        min(run_id) FILTER (WHERE is_named) AS naming_run
    FROM awaiting
    GROUP BY external_id
), entered AS (
    INSERT INTO sync_ledger AS known (
        source, kind, external_id, state, reason, priority, run_id, due_at, checked_at, changed_at, asked_for, created_at,
        queued_at
    )
    SELECT
        %(source)s, %(kind)s, film.id,
        CASE WHEN film.checked_at IS NOT NULL THEN 'fresh' WHEN sponsor.is_named THEN 'queued' ELSE 'wanted' END,
        CASE WHEN film.checked_at IS NOT NULL THEN 'routine' ELSE %(reason)s END,
        film.priority, coalesce(sponsor.run_id, 0),
        coalesce(film.checked_at + %(recheck)s, %(now)s), film.checked_at, film.checked_at, film.imdb_id, %(now)s,
        CASE WHEN film.checked_at IS NULL AND sponsor.is_named THEN %(now)s END
    FROM film
    LEFT JOIN sponsor ON sponsor.external_id = film.id
    ORDER BY film.id
    ON CONFLICT (source, kind, external_id) DO UPDATE SET
        state = excluded.state,
        reason = excluded.reason,
        priority = excluded.priority,
        run_id = excluded.run_id,
        due_at = excluded.due_at,
        checked_at = excluded.checked_at,
        changed_at = excluded.changed_at,
        asked_for = excluded.asked_for,
        queued_at = excluded.queued_at,
        attempts = 0, error_code = NULL, error = NULL
    -- What was answered under this id is not asked again, and what a run wants stays that run's; where a person waits,
    -- neither a backlog nor a failure of the past counts.
    WHERE known.asked_for IS DISTINCT FROM excluded.asked_for
       OR (known.state = 'wanted' AND (known.due_at IS NULL OR known.run_id = 0))
       OR (known.state IN ('wanted', 'failed', 'quarantined') AND excluded.state = 'queued')
    RETURNING external_id, state
), asked AS MATERIALIZED (
    SELECT external_id, state FROM entered WHERE state <> 'fresh'
    UNION ALL
    -- Known before, not entered anew: a job is at it, or it is wanted already.
    SELECT known.external_id, known.state
    FROM film
    INNER JOIN sync_ledger AS known
        ON known.source = %(source)s AND known.kind = %(kind)s AND known.external_id = film.id
    WHERE known.state IN ('wanted', 'queued') AND NOT EXISTS (
        SELECT FROM entered WHERE entered.external_id = known.external_id
    )
), planned AS (
    INSERT INTO sync_run_items (run_id, kind, external_id, state)
    SELECT awaiting.run_id, %(item_kind)s, asked.external_id, CASE asked.state WHEN 'queued' THEN 'open' ELSE 'planned' END
    FROM asked
    INNER JOIN awaiting USING (external_id)
    ORDER BY asked.external_id, awaiting.run_id
    ON CONFLICT (run_id, kind, external_id) DO NOTHING
)
SELECT film.id AS external_id, film.movie_id, sponsor.naming_run
FROM asked
INNER JOIN film ON film.id = asked.external_id
INNER JOIN sponsor ON sponsor.external_id = asked.external_id
WHERE asked.state = 'queued' AND sponsor.is_named
ORDER BY film.id
