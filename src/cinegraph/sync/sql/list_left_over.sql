-- Ended runs that have something to do: who stores a film while its run is cancelled plans its title for the run.
-- Parameters: none. Returns: id, source, whether it was cancelled, of each. Locks: these runs; those others are at are left.
SELECT run.id, run.source, run.state = 'cancelled'
FROM sync_runs AS run
WHERE run.state NOT IN ('running', 'paused')
  AND run.id IN (
      SELECT total.run_id FROM sync_run_totals AS total
      WHERE total.state IN ('planned', 'open', 'waiting') AND total.items > 0
  )
ORDER BY run.id
FOR NO KEY UPDATE OF run SKIP LOCKED
