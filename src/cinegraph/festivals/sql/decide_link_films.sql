-- Decide which film is meant. Parameters: nomination_id bigint; position smallint; tmdb_id integer (null: none that is known).
-- Returns: name, tmdb_id, linked (the film's title and year), is_locked; no row where there is no such film. Locks: the row; the caller has locked the nomination.
-- Index: primary key; unique tmdb_id.
UPDATE nomination_films AS film SET
    movie_id = (SELECT id FROM movies WHERE tmdb_id = %(tmdb_id)s),
    found_by = 'person',
    score = 1,
    is_locked = true
WHERE film.nomination_id = %(nomination_id)s AND film.position = %(position)s
RETURNING
    coalesce(nullif(film.title, ''), film.imdb_id), %(tmdb_id)s::integer,
    (SELECT concat(movie.title, ' (' || extract(year FROM movie.release_date) || ')') FROM movies AS movie WHERE movie.tmdb_id = %(tmdb_id)s), film.is_locked
