-- How films were voted on at TMDB. Parameters: none.
-- Returns: decade (null: no date), votes, score of each stored film that has voters. Index: none, all are read.
SELECT (extract(YEAR FROM film.release_date)::integer / 10) * 10, rating.votes, rating.value
FROM ratings AS rating
INNER JOIN movies AS film ON film.id = rating.movie_id
WHERE rating.source = 'tmdb' AND rating.kind = 'user_score' AND rating.votes > 0 AND film.gone_at IS NULL
