-- Link films of nominations to ours: by their IMDb ids, else by what the source of films found for that id. What a person
-- decided stays; what was found otherwise gives way to an id.
-- Parameters: nomination_ids bigint[]. Returns: nothing. Locks: the rows; the caller has locked the nominations.
-- Index: primary key; unique imdb_id and tmdb_id of movies; imdb_id of lookups.
WITH known AS MATERIALIZED (
    SELECT
        film.nomination_id, film.position, coalesce(by_id.id, found.id) AS movie_id,
        CASE WHEN by_id.id IS NOT NULL THEN 'imdb_id' ELSE 'find' END AS found_by
    FROM nomination_films AS film
    LEFT JOIN movies AS by_id ON by_id.imdb_id = film.imdb_id
    LEFT JOIN festival_lookups AS lookup ON lookup.imdb_id = film.imdb_id AND lookup.kind = 'film'
    LEFT JOIN movies AS found ON found.tmdb_id = lookup.tmdb_id
    WHERE film.nomination_id = ANY (%(nomination_ids)s::bigint[])
      AND NOT film.is_locked
)
UPDATE nomination_films AS film SET movie_id = known.movie_id, found_by = known.found_by, score = 1
FROM known
WHERE film.nomination_id = known.nomination_id
  AND film.position = known.position
  AND known.movie_id IS NOT NULL
  AND (film.movie_id, film.found_by) IS DISTINCT FROM (known.movie_id, known.found_by)
