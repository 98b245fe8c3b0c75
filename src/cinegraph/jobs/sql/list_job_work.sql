-- What some jobs were to do, and for which run.
-- Parameters: ids bigint[]. Returns: worker, args, run_id, tmdb_id (of jobs whose arguments name the film otherwise) of each that belongs to a run. Index: primary key.
SELECT worker, args, (meta ->> 'run_id')::bigint, (meta ->> 'tmdb_id')::bigint
FROM oban_jobs
WHERE id = ANY (%(ids)s::bigint[]) AND meta ? 'run_id'
ORDER BY id
