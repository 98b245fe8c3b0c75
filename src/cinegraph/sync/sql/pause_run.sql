-- Pause a running run, or let a paused one go on.
-- Parameters: run_id bigint; before, after text: states. Returns: its id, no row when it was not in the state before.
-- Locks: the run.
UPDATE sync_runs SET state = %(after)s
WHERE id = %(run_id)s AND state = %(before)s
RETURNING id
