-- Lock the stored films of which a list says something else, before anything is changed: in the order in which those
-- who store films lock them, so that neither waits for the other in a circle; and in a statement of its own, so that
-- the next one sees what they committed meanwhile.
-- Returns: how many. Locks: these films, in order of tmdb_id.
SELECT count(*)
FROM (
    SELECT movies.id
    FROM movies
    JOIN export_staging AS staged ON staged.tmdb_id = movies.tmdb_id
    WHERE (movies.popularity, movies.is_adult, movies.is_video)
        IS DISTINCT FROM (staged.popularity, staged.is_adult, staged.is_video)
    ORDER BY movies.tmdb_id
    FOR NO KEY UPDATE OF movies
) AS locked
