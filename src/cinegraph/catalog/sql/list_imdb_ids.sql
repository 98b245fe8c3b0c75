-- The IMDb ids that films have, or say they have.
-- Parameters: tmdb_ids integer[]. Returns: imdb_id. Locks: none. Index: unique tmdb_id, primary keys.
SELECT movies.imdb_id FROM movies WHERE movies.tmdb_id = ANY (%(tmdb_ids)s::integer[]) AND movies.imdb_id IS NOT NULL
UNION
SELECT claim.imdb_id
FROM movies
INNER JOIN imdb_claims AS claim ON claim.movie_id = movies.id
WHERE movies.tmdb_id = ANY (%(tmdb_ids)s::integer[])
