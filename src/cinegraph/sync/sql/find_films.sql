-- Which stored films some things of the ledger are.
-- Parameters: ids bigint[] (TMDB's). Returns: tmdb_id, movie_id of each that has an IMDb id. Index: unique tmdb_id.
SELECT tmdb_id, id AS movie_id
FROM movies
WHERE tmdb_id = ANY (%(ids)s::integer[]) AND imdb_id IS NOT NULL
ORDER BY tmdb_id
