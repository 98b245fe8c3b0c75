-- Parameters: movie_id bigint. Returns: its TMDB id. Index: primary key.
SELECT tmdb_id FROM movies WHERE id = %(movie_id)s
