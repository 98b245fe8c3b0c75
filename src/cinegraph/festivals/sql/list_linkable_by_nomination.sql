-- Which nominations a stored film may complete: its IMDb id is named, or it is linked and a nominee is not known yet.
-- Parameters: nomination_ids bigint[]. Returns: nomination_id, ascending. Locks: none.
-- Index: primary keys; unique imdb_id of movies.
SELECT film.nomination_id
FROM movies
INNER JOIN nomination_films AS film ON film.imdb_id = movies.imdb_id
WHERE film.nomination_id = ANY (%(nomination_ids)s::bigint[])
  AND NOT film.is_locked
  AND (film.movie_id IS DISTINCT FROM movies.id OR film.found_by IS DISTINCT FROM 'imdb_id')
UNION
SELECT film.nomination_id
FROM movies
INNER JOIN nomination_films AS film ON film.movie_id = movies.id
INNER JOIN nomination_people AS nominee ON nominee.nomination_id = film.nomination_id
WHERE film.nomination_id = ANY (%(nomination_ids)s::bigint[])
  AND nominee.person_id IS NULL
  AND nominee.company_id IS NULL
  AND nominee.kind <> 'company'
  AND NOT nominee.is_locked
ORDER BY 1
