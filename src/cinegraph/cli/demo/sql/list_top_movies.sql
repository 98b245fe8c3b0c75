-- What: the most popular films with their directors.
-- Parameters: limit integer. Returns: title, release_date, popularity, score, director text or null, cast_count. Locks: none.
SELECT
    movie.title, movie.release_date, movie.popularity, rating.value,
    (
        SELECT string_agg(person.name, ', ' ORDER BY credit.position)
        FROM credits AS credit
        INNER JOIN people AS person ON person.id = credit.person_id
        WHERE credit.movie_id = movie.id AND credit.job = 'Director'
    ) AS director,
    (SELECT count(*) FROM credits AS credit WHERE credit.movie_id = movie.id) AS credits
FROM movies AS movie
LEFT JOIN ratings AS rating
    ON rating.movie_id = movie.id AND rating.source = 'tmdb' AND rating.kind = 'user_score'
ORDER BY movie.popularity DESC NULLS LAST, movie.id
LIMIT %(limit)s
