-- The running runs that have planned items of a stage.
-- Parameters: kind text. Returns: run_id, of the oldest run first. Locks: none.
SELECT run.id
FROM sync_runs AS run
WHERE run.state = 'running'
  AND EXISTS (
      SELECT FROM sync_run_totals AS total
      WHERE total.run_id = run.id AND total.kind = %(kind)s AND total.state = 'planned' AND total.items > 0
  )
ORDER BY run.id
