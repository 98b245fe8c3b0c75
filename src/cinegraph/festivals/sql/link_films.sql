-- Link films of nominations to ours by their IMDb ids. What a person decided stays; what was found otherwise gives way to an id.
-- Parameters: nomination_ids bigint[]: null for all that have to do with the films; tmdb_ids integer[]: null for all films.
-- Returns: nomination_id of each that has changed, or that waits for a person of a film given. Locks: the rows, in order of their key. Index: primary key; imdb_id.
WITH found AS MATERIALIZED (
    SELECT film.nomination_id, film.position, movies.id AS movie_id
    FROM nomination_films AS film
    INNER JOIN movies ON movies.imdb_id = film.imdb_id
    WHERE NOT film.is_locked
      AND (film.movie_id IS DISTINCT FROM movies.id OR film.found_by IS DISTINCT FROM 'imdb_id')
      AND (%(nomination_ids)s::bigint[] IS NULL OR film.nomination_id = ANY (%(nomination_ids)s::bigint[]))
      AND (%(tmdb_ids)s::integer[] IS NULL OR movies.tmdb_id = ANY (%(tmdb_ids)s::integer[]))
    ORDER BY film.nomination_id, film.position
    FOR NO KEY UPDATE OF film
), linked AS (
    UPDATE nomination_films AS film SET movie_id = found.movie_id, found_by = 'imdb_id', score = 1
    FROM found
    WHERE film.nomination_id = found.nomination_id AND film.position = found.position
)
SELECT nomination_id FROM found
UNION
SELECT film.nomination_id
FROM movies
INNER JOIN nomination_films AS film ON film.movie_id = movies.id
INNER JOIN nomination_people AS nominee ON nominee.nomination_id = film.nomination_id
WHERE movies.tmdb_id = ANY (%(tmdb_ids)s::integer[])
  AND nominee.person_id IS NULL
  AND nominee.company_id IS NULL
  AND nominee.kind <> 'company'
  AND NOT nominee.is_locked
