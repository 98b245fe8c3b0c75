-- The stored films of nominations. Parameters: nomination_ids bigint[]. Returns: tmdb_id, ascending. Locks: none. Index: primary keys.
SELECT DISTINCT movies.tmdb_id
FROM nomination_films AS film
INNER JOIN movies ON movies.id = film.movie_id
WHERE film.nomination_id = ANY (%(nomination_ids)s::bigint[])
ORDER BY movies.tmdb_id
