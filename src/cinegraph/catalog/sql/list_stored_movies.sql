-- Which films are stored already. They are locked, so that a list that is being merged is in force before the next
-- statement looks which value was said last, and that films are locked in one order by all.
-- Parameters: tmdb_ids integer[]. Returns: tmdb_id of each. Locks: the films, in order of tmdb_id.
-- Index: unique tmdb_id.
SELECT tmdb_id
FROM movies
WHERE tmdb_id = ANY (%(tmdb_ids)s::integer[])
ORDER BY tmdb_id
FOR NO KEY UPDATE
