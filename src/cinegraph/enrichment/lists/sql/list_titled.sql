-- Films that came out in some years, with all their titles. Parameters: first, last date.
-- Returns: id, title, original_title, released_on, popularity, others text[]; live ones that are not for adults.
-- Locks: none. Reads all films: half a second a million; asked only where a list names films without ids.
SELECT
    movie.id, movie.title, movie.original_title, movie.release_date AS released_on, coalesce(movie.popularity, 0) AS popularity,
    ARRAY(SELECT other.title FROM alternative_titles AS other WHERE other.movie_id = movie.id) AS others
FROM movies AS movie
WHERE movie.release_date BETWEEN %(first)s AND %(last)s
  AND movie.gone_at IS NULL
  AND NOT movie.is_adult
