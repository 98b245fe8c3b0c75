-- Whether recommendations of a film were computed, and why there are none.
-- Parameters: movie_id bigint. Returns: impossible (null: there are some) of a film that was computed; no row: it was not.
-- Index: primary key.
SELECT impossible FROM recommendation_movies WHERE movie_id = %(movie_id)s
