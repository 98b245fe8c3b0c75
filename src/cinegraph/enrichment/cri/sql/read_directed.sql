-- The other films of the directors of films. Parameters: movie_ids bigint[].
-- Returns: movie_id, person_id, other_id, in this order. Index: primary key of credits, credits_person_id_index.
SELECT DISTINCT one.movie_id, one.person_id, other.movie_id
FROM credits AS one
INNER JOIN credits AS other
    ON other.person_id = one.person_id AND other.kind = 'crew' AND other.job = 'Director'
    AND other.movie_id <> one.movie_id
INNER JOIN movies AS film ON film.id = other.movie_id AND film.gone_at IS NULL
WHERE one.movie_id = ANY (%(movie_ids)s::bigint[]) AND one.kind = 'crew' AND one.job = 'Director'
ORDER BY one.movie_id, one.person_id, other.movie_id
