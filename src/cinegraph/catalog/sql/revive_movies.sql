-- Let films live again that were marked as gone: all that they had is there.
-- Parameters: tmdb_ids bigint[]; who text; now timestamptz. Returns: tmdb_id of each. Locks: the films, in order of id.
-- Index: movies_gone_index, tombstones_standing_index.
WITH locked AS MATERIALIZED (
    SELECT film.id
    FROM movies AS film
    WHERE film.gone_at IS NOT NULL AND film.tmdb_id = ANY (%(tmdb_ids)s::bigint[])
    ORDER BY film.id
    FOR NO KEY UPDATE
), raised AS (
    UPDATE tombstones AS stone SET revived_at = %(now)s, revived_by = %(who)s
    FROM locked
    WHERE stone.movie_id = locked.id AND stone.revived_at IS NULL
), undone AS (
    -- What is there is no other film.
    UPDATE movie_redirects AS redirect SET undone_at = %(now)s, undone_by = %(who)s
    FROM locked
    WHERE redirect.from_movie_id = locked.id AND redirect.undone_at IS NULL
)
UPDATE movies AS film SET gone_at = NULL, updated_at = %(now)s
FROM locked
WHERE film.id = locked.id
RETURNING film.tmdb_id
