-- List films that are held back from being gone, the most popular first.
-- Parameters: limit integer. Returns: movie_id, tmdb_id, title, held_at, allowed_at, total (of all). Locks: none.
SELECT
    film.id AS movie_id, film.tmdb_id, film.title, held.held_at, held.allowed_at, count(*) OVER () AS total
FROM held_burials AS held
INNER JOIN movies AS film ON film.id = held.movie_id
ORDER BY film.popularity DESC NULLS LAST, film.id
LIMIT %(limit)s
