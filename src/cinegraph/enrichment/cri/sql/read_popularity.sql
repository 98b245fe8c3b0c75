-- The popularity of films. Parameters: movie_ids bigint[]. Returns: popularity of each (0: unknown), by id.
-- Index: primary key.
SELECT coalesce(popularity, 0)
FROM movies
WHERE id = ANY (%(movie_ids)s::bigint[])
ORDER BY id
