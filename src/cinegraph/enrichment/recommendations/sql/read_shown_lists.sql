-- What is recommended for films, as stored, without films that are gone, and those for adults.
-- Parameters: movie_ids bigint[]; with_adult boolean. Returns: movie_id, movie_ids, scores of each, the best first. Index: primary keys.
SELECT
    stored.movie_id, array_agg(film.id ORDER BY pair.position) AS movie_ids,
    array_agg(pair.score ORDER BY pair.position) AS scores
FROM recommendation_movies AS stored
CROSS JOIN LATERAL unnest(stored.movie_ids, stored.scores) WITH ORDINALITY AS pair (movie_id, score, position)
INNER JOIN movies AS film ON film.id = pair.movie_id AND film.gone_at IS NULL
    AND (NOT film.is_adult OR %(with_adult)s::boolean)
WHERE stored.movie_id = ANY (%(movie_ids)s::bigint[])
GROUP BY stored.movie_id
