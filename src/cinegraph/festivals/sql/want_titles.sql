-- Ask for films that are named without an id; those that are stored, and are surely meant, are found at once.
-- Parameters: folded, titles text[], years smallint[] (null: any), tmdb_ids integer[] (null: to be asked for); again_before timestamptz: what was
-- not found before then is asked for again; now timestamptz. Returns: id, tmdb_id, of what is wanted or found. Locks: the
-- lookups, in order of title. Index: festival_lookups_title_index.
WITH given AS MATERIALIZED (
    SELECT *
    FROM unnest(%(folded)s::text[], %(titles)s::text[], %(years)s::smallint[], %(tmdb_ids)s::integer[])
        AS given (folded, title, year, tmdb_id)
), entered AS (
    INSERT INTO festival_lookups AS known (kind, title, folded, year, state, tmdb_id, created_at)
    SELECT
        'film', given.title, given.folded, given.year, CASE WHEN given.tmdb_id IS NULL THEN 'wanted' ELSE 'found' END, given.tmdb_id,
        %(now)s
    FROM given
    ORDER BY given.folded, given.year
    ON CONFLICT (folded, coalesce(year, 0)) WHERE folded IS NOT NULL DO UPDATE SET
        state = excluded.state,
        tmdb_id = excluded.tmdb_id,
        reason = NULL
    WHERE known.state IN ('absent', 'unsure') AND (known.asked_at < %(again_before)s OR excluded.tmdb_id IS NOT NULL)
    RETURNING known.id, known.tmdb_id
)
SELECT id, tmdb_id FROM entered
UNION
SELECT known.id, known.tmdb_id
FROM given
INNER JOIN festival_lookups AS known ON known.folded = given.folded AND coalesce(known.year, 0) = coalesce(given.year, 0)
WHERE known.state IN ('wanted', 'found')
ORDER BY 1
