-- Parameters: movie_id bigint. Returns: tmdb_id, imdb_id. Index: primary key.
SELECT tmdb_id, imdb_id FROM movies WHERE id = %(movie_id)s AND tmdb_id IS NOT NULL
