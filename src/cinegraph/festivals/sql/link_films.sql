-- Link films of nominations to ours by their IMDb ids. What a person decided stays; what was found otherwise gives way to an id.
-- Parameters: nomination_ids bigint[]. Returns: nothing. Locks: the rows; the caller has locked the nominations.
-- Index: primary key; unique imdb_id of movies.
UPDATE nomination_films AS film SET movie_id = movies.id, found_by = 'imdb_id', score = 1
FROM movies
WHERE film.nomination_id = ANY (%(nomination_ids)s::bigint[])
  AND movies.imdb_id = film.imdb_id
  AND NOT film.is_locked
  AND (film.movie_id IS DISTINCT FROM movies.id OR film.found_by IS DISTINCT FROM 'imdb_id')
