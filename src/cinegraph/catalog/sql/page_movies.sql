-- What: stored films, in the order of our numbers, one page.
-- Parameters: is_gone boolean or null for both; after bigint: the last id of the page before, or 0; limit integer.
-- Returns: the columns of browse.MovieSummary. Locks: none. Index: the primary key; movies_gone_index is of few rows.
SELECT id, tmdb_id, imdb_id, title, original_title, release_date, popularity, gone_at, updated_at
FROM movies
WHERE id > %(after)s
  AND (%(is_gone)s::boolean IS NULL OR (gone_at IS NOT NULL) = %(is_gone)s::boolean)
ORDER BY id
LIMIT %(limit)s
