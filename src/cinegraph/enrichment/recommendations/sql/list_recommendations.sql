-- What is stored of the recommendations for a film that may be shown.
-- Parameters: movie_id bigint; with_adult boolean; kinds integer (bytes a film in parts).
-- Returns: movie_id, tmdb_id, imdb_id, title, year, score, parts bytea, tmdb_position (null: TMDB does not recommend it),
-- the best first. Index: primary keys, unique tmdb_id.
SELECT
    film.id AS movie_id, film.tmdb_id, film.imdb_id, film.title, extract(YEAR FROM film.release_date)::integer AS year,
    pair.score::double precision AS score,
    substring(stored.parts FROM (pair.position::integer - 1) * %(kinds)s::integer + 1 FOR %(kinds)s::integer) AS parts,
    told.position AS tmdb_position
FROM recommendation_movies AS stored
CROSS JOIN LATERAL unnest(stored.movie_ids, stored.scores) WITH ORDINALITY AS pair (movie_id, score, position)
INNER JOIN movies AS film ON film.id = pair.movie_id
LEFT JOIN source_recommendations AS told
    ON told.movie_id = stored.movie_id AND told.source = 'tmdb' AND told.recommended_tmdb_id = film.tmdb_id
WHERE stored.movie_id = %(movie_id)s AND film.gone_at IS NULL AND (NOT film.is_adult OR %(with_adult)s::boolean)
ORDER BY pair.position
