-- Which of our films some entries of lists are: by IMDb's id, by TMDB's (also of a film that is another one now), by what TMDB
-- answered for the id or the title.
-- Parameters: entries jsonb: n, imdb_id, tmdb_id, folded, year; folded only where there is no id.
-- Returns: n, movie_id, of those that are stored. Locks: none. Index: imdb_id and unique tmdb_id of movies; lookups by id and title.
SELECT given.n, coalesce(by_imdb.id, heir.to_movie_id, by_tmdb.id, found.id) AS movie_id
FROM jsonb_to_recordset(%(entries)s) AS given (n integer, imdb_id text, tmdb_id integer, folded text, year smallint)
LEFT JOIN LATERAL (
    SELECT movies.id
    FROM movies
    WHERE movies.imdb_id = given.imdb_id
    ORDER BY movies.gone_at IS NOT NULL, movies.id
    LIMIT 1
) AS by_imdb ON true
LEFT JOIN movies AS by_tmdb ON by_tmdb.tmdb_id = given.tmdb_id
LEFT JOIN LATERAL (
    SELECT merged.to_movie_id FROM merged_movies AS merged WHERE merged.from_movie_id = by_tmdb.id LIMIT 1
) AS heir ON true
LEFT JOIN LATERAL (
    SELECT lookup.tmdb_id
    FROM festival_lookups AS lookup
    WHERE lookup.imdb_id = given.imdb_id AND lookup.kind = 'film' AND lookup.state = 'found'
    UNION ALL
    SELECT lookup.tmdb_id
    FROM festival_lookups AS lookup
    WHERE lookup.folded = given.folded AND coalesce(lookup.year, 0) = given.year AND lookup.state = 'found'
    LIMIT 1
) AS answered ON true
-- What is known to have another id is another film, whatever was answered once.
LEFT JOIN movies AS found
    ON found.tmdb_id = answered.tmdb_id
    AND (given.imdb_id IS NULL OR found.imdb_id IS NULL OR found.imdb_id = given.imdb_id)
WHERE coalesce(by_imdb.id, by_tmdb.id, found.id) IS NOT NULL
