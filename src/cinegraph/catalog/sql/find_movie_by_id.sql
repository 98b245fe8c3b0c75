-- Parameters: number text. Returns: movies.id. Index: primary key.
SELECT id FROM movies WHERE id = %(number)s::bigint
