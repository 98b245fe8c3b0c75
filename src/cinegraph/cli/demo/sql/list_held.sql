-- What: the jobs that a node runs.
-- Parameters: node text. Returns: id. Locks: none.
SELECT id
FROM oban_jobs
WHERE state = 'executing' AND attempted_by[1] = %(node)s
ORDER BY id
