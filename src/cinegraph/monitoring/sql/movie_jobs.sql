-- Every job that was about one film at any source, latest first.
-- Parameters: arguments jsonb (what the arguments of jobs that name it by TMDB's id contain), by_movie jsonb (of those
-- that name it by our id, or null where it is not stored); limit integer. Locks: none.
SELECT
    id, worker, queue, state::text, attempt, max_attempts, errors, meta,
    inserted_at AT TIME ZONE 'UTC', scheduled_at AT TIME ZONE 'UTC', attempted_at AT TIME ZONE 'UTC',
    coalesce(completed_at, cancelled_at, discarded_at) AT TIME ZONE 'UTC'
FROM oban_jobs
WHERE args @> %(arguments)s OR args @> %(by_movie)s::jsonb
ORDER BY id DESC
LIMIT %(limit)s
