-- Let a run go on that has ended, because some of it is tried again.
-- Parameters: run_id bigint. Returns: its kind; no row when nothing of it failed, it was cancelled or there is none.
-- Locks: the run.
UPDATE sync_runs AS run SET
    state = CASE run.state WHEN 'paused' THEN 'paused' ELSE 'running' END,
    finished_at = NULL,
    note = NULL,
    planned = NULL, done = NULL, absent = NULL, failed = NULL, quarantined = NULL
WHERE run.id = %(run_id)s
  AND run.state <> 'cancelled'
  AND EXISTS (
      SELECT FROM sync_run_totals AS total
      WHERE total.run_id = run.id AND total.state IN ('failed', 'quarantined') AND total.items > 0
  )
RETURNING run.kind
