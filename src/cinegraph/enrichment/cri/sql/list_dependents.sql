-- Other films whose score reads these: films of the same directors (what lists say of one speaks for the others).
-- Parameters: movie_ids bigint[]; most integer. Returns: movie_id of each, those of the lowest ids first.
-- Index: primary key of credits, credits_person_id_index.
SELECT DISTINCT other.movie_id
FROM credits AS one
INNER JOIN credits AS other ON other.person_id = one.person_id AND other.kind = 'crew' AND other.job = 'Director'
WHERE one.movie_id = ANY (%(movie_ids)s::bigint[]) AND one.kind = 'crew' AND one.job = 'Director'
  AND other.movie_id <> ALL (%(movie_ids)s::bigint[])
ORDER BY other.movie_id
LIMIT %(most)s
