-- Ask for films of nominations that are not known: those with an IMDb id that no film has. What was found and is stored has another id there:
-- fetching it again would change nothing.
-- Parameters: nomination_ids bigint[]; again_before timestamptz: what was denied before then is asked for again; now timestamptz.
-- Returns: id, tmdb_id (null: to be asked for; else it was found, and only has to be fetched). Locks: the lookups, in order
-- of imdb_id. Index: primary key; unique imdb_id.
WITH named AS MATERIALIZED (
    SELECT DISTINCT film.imdb_id
    FROM nomination_films AS film
    WHERE film.nomination_id = ANY (%(nomination_ids)s::bigint[])
      AND film.imdb_id IS NOT NULL
      AND film.movie_id IS NULL
      AND NOT film.is_locked
), entered AS (
    INSERT INTO festival_lookups AS known (kind, imdb_id, state, created_at)
    SELECT 'film', named.imdb_id, 'wanted', %(now)s
    FROM named
    ORDER BY named.imdb_id
    ON CONFLICT (imdb_id) WHERE imdb_id IS NOT NULL DO UPDATE SET state = 'wanted', reason = NULL
    WHERE known.state IN ('absent', 'unsure') AND known.asked_at < %(again_before)s
    RETURNING known.id, known.tmdb_id
)
SELECT id, tmdb_id FROM entered
UNION
SELECT known.id, known.tmdb_id
FROM named
INNER JOIN festival_lookups AS known ON known.imdb_id = named.imdb_id
WHERE known.state = 'wanted'
   OR (known.state = 'found' AND NOT EXISTS (SELECT FROM movies WHERE movies.tmdb_id = known.tmdb_id))
ORDER BY 1
