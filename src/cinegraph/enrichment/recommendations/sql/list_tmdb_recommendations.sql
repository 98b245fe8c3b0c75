-- What TMDB itself recommends for a film, of what may be shown.
-- Parameters: movie_id bigint; with_adult boolean. Returns: tmdb_id, position, and title and year (null: the film is not
-- stored) of each, in TMDB's order. Index: primary key, unique tmdb_id.
SELECT
    told.recommended_tmdb_id AS tmdb_id, told.position, film.title, extract(YEAR FROM film.release_date)::integer AS year
FROM source_recommendations AS told
LEFT JOIN movies AS film ON film.tmdb_id = told.recommended_tmdb_id
WHERE told.movie_id = %(movie_id)s AND told.source = 'tmdb'
  AND (film.id IS NULL OR (film.gone_at IS NULL AND (NOT film.is_adult OR %(with_adult)s::boolean)))
ORDER BY told.position, told.recommended_tmdb_id
