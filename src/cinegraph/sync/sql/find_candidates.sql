-- Stored films, and what a call for them is worth. Parameters: ids integer[] (TMDB's). Returns: tmdb_id, popularity, release_date.
-- Locks: none. Index: unique tmdb_id.
SELECT tmdb_id, popularity, release_date
FROM movies
WHERE tmdb_id = ANY (%(ids)s::integer[])
ORDER BY tmdb_id
