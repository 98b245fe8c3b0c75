-- Keep a film as it is linked, or let it be found anew. Parameters: nomination_id bigint; position smallint; is_locked boolean.
-- Returns: name, tmdb_id, linked (the film's title and year), is_locked; no row where there is no such film. Locks: the row; the caller has locked the nomination.
-- Index: primary key.
UPDATE nomination_films AS film SET
    is_locked = %(is_locked)s,
    -- What a person decided is undone with the lock; what was found stays.
    (movie_id, found_by, score) = (
        SELECT film.movie_id, film.found_by, film.score
        WHERE %(is_locked)s OR film.found_by IS DISTINCT FROM 'person'
    )
WHERE film.nomination_id = %(nomination_id)s AND film.position = %(position)s
RETURNING
    coalesce(nullif(film.title, ''), film.imdb_id), (SELECT tmdb_id FROM movies WHERE id = film.movie_id),
    (SELECT concat(movie.title, ' (' || extract(year FROM movie.release_date) || ')') FROM movies AS movie WHERE movie.id = film.movie_id), film.is_locked
