-- What recommendations need to know of films beside their features.
-- Parameters: movie_ids bigint[]. Returns: id, is_live, is_adult, is_shown (released: may be recommended), year, language,
-- rating (0 to 10), votes, is_video, title, tagline and overview of each, by id. Index: primary keys.
SELECT
    film.id,
    film.gone_at IS NULL AS is_live,
    film.is_adult,
    film.gone_at IS NULL AND coalesce(film.status, 'Released') = 'Released' AS is_shown,
    extract(YEAR FROM film.release_date)::integer AS year,
    film.original_language AS language,
    rating.value AS rating,
    coalesce(rating.votes, 0) AS votes,
    film.is_video,
    film.title,
    film.tagline,
    film.overview
FROM movies AS film
LEFT JOIN ratings AS rating ON rating.movie_id = film.id AND rating.source = 'tmdb' AND rating.kind = 'user_score'
WHERE film.id = ANY (%(movie_ids)s::bigint[])
ORDER BY film.id
