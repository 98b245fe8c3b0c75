-- A stored person. Parameters: imdb_id text, tmdb_id integer: one of them null. Returns: tmdb_id. Locks: none.
-- Index: unique tmdb_id; imdb_id.
SELECT tmdb_id FROM people WHERE imdb_id = %(imdb_id)s OR tmdb_id = %(tmdb_id)s LIMIT 1
