-- Parameters: number text. Returns: movies.id. Index: unique tmdb_id.
SELECT id FROM movies WHERE tmdb_id = %(number)s::integer
