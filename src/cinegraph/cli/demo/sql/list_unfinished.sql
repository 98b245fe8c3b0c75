-- What: of some jobs those that have not ended.
-- Parameters: ids bigint[]. Returns: id. Locks: none.
SELECT id
FROM oban_jobs
WHERE id = ANY(%(ids)s::bigint[]) AND state IN ('available', 'scheduled', 'executing', 'retryable')
ORDER BY id
