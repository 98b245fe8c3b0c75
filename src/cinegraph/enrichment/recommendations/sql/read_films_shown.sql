-- What a list shows of films. Parameters: movie_ids bigint[]. Returns: id, tmdb_id, imdb_id, title, year, votes of each.
-- Index: primary keys.
SELECT
    film.id, film.tmdb_id, film.imdb_id, film.title, extract(YEAR FROM film.release_date)::integer AS year,
    coalesce(rating.votes, 0) AS votes
FROM movies AS film
LEFT JOIN ratings AS rating ON rating.movie_id = film.id AND rating.source = 'tmdb' AND rating.kind = 'user_score'
WHERE film.id = ANY (%(movie_ids)s::bigint[])
