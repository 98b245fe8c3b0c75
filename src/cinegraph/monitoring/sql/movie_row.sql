-- Our number of a film, and when its row was made and last changed.
-- Parameters: tmdb_id integer. Returns: id, imdb_id, created_at, updated_at; no row where it is not stored.
SELECT id, imdb_id, created_at, updated_at FROM movies WHERE tmdb_id = %(tmdb_id)s
