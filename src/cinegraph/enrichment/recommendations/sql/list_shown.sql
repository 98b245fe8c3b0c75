-- The films that are recommended for any of some films. Parameters: movie_ids bigint[]; most integer: of each, the best.
-- Returns: movie_id of each, once. Locks: none. Index: primary key.
SELECT DISTINCT other.movie_id
FROM recommendation_movies AS stored
CROSS JOIN LATERAL unnest(stored.movie_ids[1:%(most)s]) AS other (movie_id)
WHERE stored.movie_id = ANY (%(movie_ids)s::bigint[])
ORDER BY other.movie_id
