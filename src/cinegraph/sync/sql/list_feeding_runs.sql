-- The running runs that have planned items of a stage.
-- Parameters: kind text; updates boolean: those that update stored films, or the others. Returns: run_id, of the oldest run first.
-- Locks: the runs, shared: who pauses or cancels one waits until its jobs are made, and then finds them; one that is being
-- paused or cancelled is left out.
SELECT run.id
FROM sync_runs AS run
WHERE run.state = 'running'
  AND run.arguments ? 'fields' = %(updates)s
  AND EXISTS (
      SELECT FROM sync_run_totals AS total
      WHERE total.run_id = run.id AND total.kind = %(kind)s AND total.state = 'planned' AND total.items > 0
  )
ORDER BY run.id
FOR SHARE OF run SKIP LOCKED
