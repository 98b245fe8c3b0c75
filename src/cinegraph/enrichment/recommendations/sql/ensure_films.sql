-- Make a row for each film, as the mutex of who computes it.
-- Parameters: movie_ids bigint[]; now timestamptz. Returns: nothing. Locks: nothing that was there before. Index: primary keys.
INSERT INTO recommendation_movies (movie_id, changed_at)
SELECT id, %(now)s
FROM movies
WHERE id = ANY (%(movie_ids)s::bigint[])
ORDER BY id
ON CONFLICT DO NOTHING
