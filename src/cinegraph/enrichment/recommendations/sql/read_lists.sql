-- What is recommended for films, as stored: to see which of them are alike, and to evaluate.
-- Parameters: movie_ids bigint[]. Returns: movie_id, movie_ids, scores of each. Index: primary key.
SELECT movie_id, movie_ids, scores
FROM recommendation_movies
WHERE movie_id = ANY (%(movie_ids)s::bigint[])
