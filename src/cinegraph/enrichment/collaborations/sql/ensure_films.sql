-- Give films a row to lock, which counts for nothing yet; films that are not stored get none.
-- Parameters: movie_ids bigint[]; now timestamptz. Returns: nothing. Locks: the new rows, in order of id.
INSERT INTO collaboration_movies (movie_id, changed_at)
SELECT film.id, %(now)s
FROM movies AS film
WHERE film.id = ANY (%(movie_ids)s::bigint[])
  AND NOT EXISTS (SELECT FROM collaboration_movies AS counted WHERE counted.movie_id = film.id)
ORDER BY film.id
ON CONFLICT DO NOTHING
