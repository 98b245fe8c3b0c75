-- What: stored films, in the order of our numbers, one page.
-- Parameters: after bigint: the last id of the page before, or 0; limit integer.
-- Returns: the columns of browse.MovieSummary. Locks: none. Index: the primary key.
SELECT id, tmdb_id, imdb_id, title, original_title, release_date, popularity, gone_at, updated_at
FROM movies
WHERE id > %(after)s
ORDER BY id
LIMIT %(limit)s
