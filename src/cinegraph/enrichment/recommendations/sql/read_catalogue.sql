-- What evaluating needs to know of every film that may be recommended.
-- Parameters: after bigint; limit integer. Returns: id, tmdb_id, imdb_id, popularity, votes, genre_ids of the next films by
-- id. Index: primary keys.
SELECT
    film.id, film.tmdb_id, film.imdb_id, coalesce(film.popularity, 0) AS popularity, coalesce(rating.votes, 0) AS votes,
    ARRAY(SELECT link.genre_id FROM movie_genres AS link WHERE link.movie_id = film.id) AS genre_ids
FROM movies AS film
LEFT JOIN ratings AS rating ON rating.movie_id = film.id AND rating.source = 'tmdb' AND rating.kind = 'user_score'
WHERE film.id > %(after)s AND film.gone_at IS NULL AND NOT film.is_adult
ORDER BY film.id
LIMIT %(limit)s
