-- Let a rebuild go on that a person paused.
-- Parameters: run_id bigint. Returns: nothing. Locks: the run.
UPDATE sync_runs SET state = 'running'
WHERE id = %(run_id)s AND state = 'paused'
