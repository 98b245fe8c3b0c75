-- What: of some jobs those that another node has finished.
-- Parameters: ids bigint[]; node text: the one that held them. Returns: id, node, completed_at timestamptz. Locks: none.
SELECT id, attempted_by[1] AS node, completed_at AT TIME ZONE 'UTC'
FROM oban_jobs
WHERE id = ANY(%(ids)s::bigint[]) AND state = 'completed' AND attempted_by[1] <> %(node)s
ORDER BY id
