-- Give films without an IMDb id the one that an outdated document has: an answer without one never takes one away,
-- also when it is stored first.
-- Parameters: films jsonb, [{"movie": tmdb_id, "imdb_id": the film's, "listed": the one among its external ids}];
-- now timestamptz.
-- Returns: nothing. Locks: these films and their rows of movie_external_ids; the caller has locked their documents.
-- Index: unique tmdb_id, primary key.
WITH said AS MATERIALIZED (
    SELECT movies.id AS movie_id, film.imdb_id, film.listed
    FROM jsonb_to_recordset(%(films)s::jsonb) AS film (movie integer, imdb_id text, listed text)
    JOIN movies ON movies.tmdb_id = film.movie
), listed AS (
    INSERT INTO movie_external_ids (movie_id, site, value)
    SELECT said.movie_id, 'imdb', said.listed
    FROM said
    WHERE said.listed IS NOT NULL
    ON CONFLICT (movie_id, site) DO NOTHING
)
UPDATE movies SET
    imdb_id = said.imdb_id,
    updated_at = %(now)s
FROM said
WHERE movies.id = said.movie_id
  AND movies.imdb_id IS NULL
  AND said.imdb_id IS NOT NULL
