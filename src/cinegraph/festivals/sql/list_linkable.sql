-- Which nominations a stored film may complete: its IMDb id is named, it was found for such an id, or it is linked and a
-- nominee is not known yet.
-- Parameters: tmdb_ids integer[]: of films. Returns: nomination_id, ascending. Locks: none.
-- Index: unique tmdb_id; imdb_id, movie and primary key of nomination_films; tmdb_id of lookups.
SELECT film.nomination_id
FROM movies
INNER JOIN nomination_films AS film ON film.imdb_id = movies.imdb_id
WHERE movies.tmdb_id = ANY (%(tmdb_ids)s::integer[])
  AND NOT film.is_locked
  AND (film.movie_id IS DISTINCT FROM movies.id OR film.found_by NOT IN ('imdb_id', 'find'))
UNION
SELECT film.nomination_id
FROM festival_lookups AS lookup
INNER JOIN nomination_films AS film
    ON film.imdb_id = lookup.imdb_id OR (film.imdb_id IS NULL AND film.folded = lookup.folded)
WHERE lookup.kind = 'film'
  AND lookup.tmdb_id = ANY (%(tmdb_ids)s::integer[])
  AND film.movie_id IS NULL
  AND NOT film.is_locked
UNION
SELECT film.nomination_id
FROM movies
INNER JOIN nomination_films AS film ON film.movie_id = movies.id
INNER JOIN nomination_people AS nominee ON nominee.nomination_id = film.nomination_id
WHERE movies.tmdb_id = ANY (%(tmdb_ids)s::integer[])
  AND nominee.person_id IS NULL
  AND nominee.company_id IS NULL
  AND NOT nominee.is_locked
ORDER BY 1
