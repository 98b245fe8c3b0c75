-- The texts of films. Parameters: movie_ids bigint[]. Returns: id, title, tagline, overview of each. Index: primary key.
SELECT id, title, tagline, overview FROM movies WHERE id = ANY (%(movie_ids)s::bigint[])
