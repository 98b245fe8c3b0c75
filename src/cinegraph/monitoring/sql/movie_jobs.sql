-- Every job that was about one film at any source, latest first: those whose arguments name it by our id have TMDB's in meta.
-- Parameters: tmdb_id integer; limit integer. Locks: none. Index: oban_jobs_film_index.
SELECT
    id, worker, queue, state::text, attempt, max_attempts, errors, meta,
    inserted_at AT TIME ZONE 'UTC', scheduled_at AT TIME ZONE 'UTC', attempted_at AT TIME ZONE 'UTC',
    coalesce(completed_at, cancelled_at, discarded_at) AT TIME ZONE 'UTC'
FROM oban_jobs
WHERE coalesce(args ->> 'tmdb_id', meta ->> 'tmdb_id') = %(tmdb_id)s::integer::text
ORDER BY id DESC
LIMIT %(limit)s
