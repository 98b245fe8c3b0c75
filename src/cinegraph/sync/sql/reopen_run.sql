-- Let a run go on that has ended, because some of it is tried again.
-- Parameters: run_id bigint. Returns: its id, no row when it was cancelled or there is none. Locks: the run.
UPDATE sync_runs SET
    state = CASE state WHEN 'paused' THEN 'paused' ELSE 'running' END,
    finished_at = NULL,
    note = NULL,
    planned = NULL, done = NULL, absent = NULL, failed = NULL, quarantined = NULL
WHERE id = %(run_id)s AND state <> 'cancelled'
RETURNING id
