-- As read_directed, of all films but only to others that stand on a list: from there, for they are few.
-- Parameters: listed_ids bigint[] (films on lists).
-- Returns: movie_id, person_id, other_id, in this order. Index: primary key of credits, credits_person_id_index.
SELECT DISTINCT one.movie_id, one.person_id, other.movie_id
FROM credits AS other
INNER JOIN movies AS film ON film.id = other.movie_id AND film.gone_at IS NULL
INNER JOIN credits AS one
    ON one.person_id = other.person_id AND one.kind = 'crew' AND one.job = 'Director'
    AND one.movie_id <> other.movie_id
WHERE other.movie_id = ANY (%(listed_ids)s::bigint[]) AND other.kind = 'crew' AND other.job = 'Director'
ORDER BY one.movie_id, one.person_id, other.movie_id
