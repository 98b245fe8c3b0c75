-- What some jobs were to do, and for which run.
-- Parameters: ids bigint[]. Returns: worker, args, run_id (null: for none), tmdb_id (of jobs whose arguments name the film
-- otherwise), item (kind and id, of jobs that say so) of each. Index: primary key.
SELECT worker, args, (meta ->> 'run_id')::bigint, (meta ->> 'tmdb_id')::bigint, meta ->> 'item'
FROM oban_jobs
WHERE id = ANY (%(ids)s::bigint[])
ORDER BY id
