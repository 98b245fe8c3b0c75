-- What TMDB recommends for films, of films that are stored and may be shown.
-- Parameters: movie_ids bigint[]. Returns: movie_id, movie_ids in TMDB's order. Index: primary key, unique tmdb_id.
SELECT told.movie_id, array_agg(film.id ORDER BY told.position, film.id) AS movie_ids
FROM source_recommendations AS told
INNER JOIN movies AS film ON film.tmdb_id = told.recommended_tmdb_id AND film.gone_at IS NULL AND NOT film.is_adult
WHERE told.movie_id = ANY (%(movie_ids)s::bigint[]) AND told.source = 'tmdb'
GROUP BY told.movie_id
