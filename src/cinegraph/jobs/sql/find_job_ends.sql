-- How the newest jobs of some works stand.
-- Parameters: keys text[]: unique keys.
-- Returns: key, state, error_code of its last attempt, error: its text; of each key that has a job.
-- Locks: none. Reads all jobs: only asked when jobs were lost. 0.3 s at 1.5 million.
SELECT DISTINCT ON (meta ->> 'uniq_key')
    meta ->> 'uniq_key' AS key, state::text AS state, meta ->> 'error_code' AS error_code, errors -> -1 ->> 'error' AS error
FROM oban_jobs
WHERE meta ->> 'uniq_key' = ANY (%(keys)s::text[])
ORDER BY meta ->> 'uniq_key', id DESC
