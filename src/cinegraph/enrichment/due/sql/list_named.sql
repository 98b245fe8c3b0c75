-- The films that a source recommends beside films. Parameters: movie_ids bigint[]; most integer.
-- Returns: movie_id, is_within (the bound), each film once. Index: source_recommendations' primary key; unique tmdb_id.
SELECT film.id, bool_or(named.position < %(most)s) AS is_within
FROM source_recommendations AS named
INNER JOIN movies AS film ON film.tmdb_id = named.recommended_tmdb_id AND film.gone_at IS NULL
WHERE named.movie_id = ANY (%(movie_ids)s::bigint[])
GROUP BY film.id
