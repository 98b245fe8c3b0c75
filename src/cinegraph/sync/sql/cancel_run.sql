-- End a running run.
-- Parameters: run_id bigint; now timestamptz. Returns: its id, no row when it was not running. Locks: run, open items.
WITH ended AS (
    UPDATE sync_run_items SET state = 'cancelled', due_at = NULL, ended_at = %(now)s
    WHERE run_id = %(run_id)s AND state IN ('open', 'waiting')
)
UPDATE sync_runs SET
    state = 'cancelled',
    finished_at = %(now)s,
    planned = (SELECT count(*) FROM sync_run_items WHERE run_id = %(run_id)s AND kind = 'movie'),
    done = (SELECT count(*) FROM sync_run_items WHERE run_id = %(run_id)s AND kind = 'movie' AND state = 'done'),
    absent = (SELECT count(*) FROM sync_run_items WHERE run_id = %(run_id)s AND kind = 'movie' AND state = 'absent'),
    failed = (SELECT count(*) FROM sync_run_items WHERE run_id = %(run_id)s AND kind = 'movie' AND state = 'failed'),
    quarantined = (
        SELECT count(*) FROM sync_run_items
        WHERE run_id = %(run_id)s AND kind = 'movie' AND state = 'quarantined'
    )
WHERE id = %(run_id)s AND state = 'running'
RETURNING id
