-- Our ids of stored films. Parameters: tmdb_ids integer[]. Returns: tmdb_id, id of each. Index: unique tmdb_id.
SELECT tmdb_id, id FROM movies WHERE tmdb_id = ANY (%(tmdb_ids)s::integer[])
