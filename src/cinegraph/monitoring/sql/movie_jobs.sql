-- Every job that was about one film, latest first.
-- Parameters: arguments jsonb (what the jobs' arguments contain); limit integer.
SELECT
    id, worker, queue, state::text, attempt, max_attempts, errors, meta,
    inserted_at AT TIME ZONE 'UTC', scheduled_at AT TIME ZONE 'UTC', attempted_at AT TIME ZONE 'UTC',
    coalesce(completed_at, cancelled_at, discarded_at) AT TIME ZONE 'UTC'
FROM oban_jobs
WHERE args @> %(arguments)s
ORDER BY id DESC
LIMIT %(limit)s
