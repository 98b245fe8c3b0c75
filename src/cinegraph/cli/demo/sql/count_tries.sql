-- What: how often jobs had to be tried again, and why.
-- Parameters: none. Returns: code text, jobs: with at least one attempt that ended so; most first. Locks: none.
SELECT coalesce(error.told ->> 'code', 'unknown') AS code, count(DISTINCT job.id) AS jobs
FROM oban_jobs AS job
CROSS JOIN LATERAL jsonb_array_elements(job.errors) AS error (told)
GROUP BY 1
ORDER BY 2 DESC, 1
