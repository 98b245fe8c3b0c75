-- What a run was asked to do.
-- Parameters: run_id bigint. Returns: kind, arguments; no row when there is no such run.
SELECT kind, arguments
FROM sync_runs
WHERE id = %(run_id)s
