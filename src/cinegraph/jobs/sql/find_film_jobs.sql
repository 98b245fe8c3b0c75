-- The jobs that fetch films now. Parameters: tmdb_ids integer[]. Returns: tmdb_id, id, root_id. Locks: none.
-- Index: of executing jobs all in two queues.
SELECT DISTINCT ON (tmdb_id) tmdb_id, id, root_id
FROM (
    SELECT
        coalesce(meta ->> 'tmdb_id', args ->> 'tmdb_id')::integer AS tmdb_id, id,
        coalesce((meta ->> 'root_id')::bigint, id) AS root_id
    FROM oban_jobs
    WHERE state = 'executing' AND queue IN ('imports', 'updates')
) AS job
WHERE tmdb_id = ANY (%(tmdb_ids)s::integer[])
ORDER BY tmdb_id, id
