-- End a running run; its items follow, and its sums when those stand still.
-- Parameters: run_id bigint; now timestamptz. Returns: its source, no row when it was not running.
-- Locks: the run, so from here on nothing is added to it.
UPDATE sync_runs SET
    state = 'cancelled',
    finished_at = %(now)s
WHERE id = %(run_id)s AND state IN ('running', 'paused')
RETURNING source
