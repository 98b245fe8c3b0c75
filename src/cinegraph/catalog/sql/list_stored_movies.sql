-- Which films are stored already.
-- Parameters: tmdb_ids integer[]. Returns: tmdb_id of each. Index: unique tmdb_id.
SELECT tmdb_id
FROM movies
WHERE tmdb_id = ANY (%(tmdb_ids)s::integer[])
