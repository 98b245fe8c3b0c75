-- A film and its stored score. Parameters: movie_id bigint.
-- Returns: title, score, computed_at, version (null: it was never scored); or no row. Index: primary keys.
SELECT film.title, stored.score, stored.computed_at, stored.version
FROM movies AS film
LEFT JOIN cri_scores AS stored ON stored.movie_id = film.id
WHERE film.id = %(movie_id)s
