-- What: the live jobs of one run, by state and the reason of the last attempt's end.
-- Parameters: run text: its number.
-- Returns: state, error_code text or null, jobs, starts_in_seconds of the first of them (0 and below: now).
-- Locks: none. Index: oban_jobs_run_index.
SELECT
    state::text AS state,
    meta ->> 'error_code' AS error_code,
    count(*) AS jobs,
    extract(EPOCH FROM min(scheduled_at) - timezone('UTC', clock_timestamp()))::double precision AS starts_in_seconds
FROM oban_jobs
WHERE
    meta ? 'run_id' AND meta ->> 'run_id' = %(run)s
    AND state IN ('available', 'scheduled', 'executing', 'retryable', 'suspended')
GROUP BY state, meta ->> 'error_code'
ORDER BY state, error_code
