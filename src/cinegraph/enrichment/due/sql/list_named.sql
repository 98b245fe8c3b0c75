-- The films that a source recommends beside films, and those that it did until now: as many as are wanted of each given
-- film, the former ones first, for they changed for certain.
-- Parameters: movie_ids bigint[]; former jsonb (movie_id, field, key: what is no longer beside films); most integer.
-- Returns: movie_id, is_within (the bound), each film once. Index: source_recommendations' primary key; unique tmdb_id.
SELECT id, bool_or(place <= %(most)s) AS is_within
FROM (
    SELECT film.id, row_number() OVER (PARTITION BY named.movie_id ORDER BY min(named.position), film.id) AS place
    FROM (
        SELECT movie_id, recommended_tmdb_id AS tmdb_id, position
        FROM source_recommendations
        WHERE movie_id = ANY (%(movie_ids)s::bigint[])
        UNION ALL
        SELECT was.movie_id, was.key, -1
        FROM jsonb_to_recordset(%(former)s::jsonb) AS was (movie_id bigint, field text, key integer)
        WHERE was.field = 'recommendations' AND was.movie_id = ANY (%(movie_ids)s::bigint[])
    ) AS named
    INNER JOIN movies AS film ON film.tmdb_id = named.tmdb_id AND film.gone_at IS NULL
    GROUP BY named.movie_id, film.id
) AS ranked
GROUP BY id
