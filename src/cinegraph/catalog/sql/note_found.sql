-- Write down what the source answered when it was asked which film has the IMDb id of one that went.
-- Parameters: movie_id bigint; heir_tmdb_id integer or null: none, or the same film; imdb_id text; confidence real;
-- now timestamptz. Returns: to_movie_id where a redirect was made. Locks: the tombstone.
WITH asked AS (
    UPDATE tombstones SET find_asked_at = %(now)s WHERE movie_id = %(movie_id)s AND revived_at IS NULL
)
INSERT INTO movie_redirects (from_movie_id, to_movie_id, evidence, detail, confidence, found_at)
SELECT %(movie_id)s, heir.id, 'find', %(imdb_id)s, %(confidence)s, %(now)s
FROM movies AS heir
WHERE heir.tmdb_id = %(heir_tmdb_id)s::integer AND heir.id <> %(movie_id)s AND heir.gone_at IS NULL
ON CONFLICT DO NOTHING
RETURNING to_movie_id
