-- Let nobody else compute these films until the transaction ends.
-- Parameters: movie_ids bigint[]. Returns: movie_id of each. Locks: their rows, in order of id. Index: primary key.
SELECT movie_id
FROM recommendation_movies
WHERE movie_id = ANY (%(movie_ids)s::bigint[])
ORDER BY movie_id
FOR NO KEY UPDATE
