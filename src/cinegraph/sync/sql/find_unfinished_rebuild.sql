-- The newest rebuild of the same documents that was stopped before its end.
-- Parameters: kind text; source text; arguments jsonb. Returns: its id, no row when there is none. Locks: none.
-- Index: sync_runs_running_index.
SELECT run.id
FROM sync_runs AS run
WHERE run.state IN ('running', 'paused')
  AND run.kind = %(kind)s
  AND run.source = %(source)s
  AND run.arguments = %(arguments)s
ORDER BY run.id DESC
LIMIT 1
