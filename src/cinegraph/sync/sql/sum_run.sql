-- Write the sums of a run whose items stand still.
-- Parameters: run_id bigint. Returns: nothing. Locks: the run.
UPDATE sync_runs AS run SET
    planned = counted.planned,
    done = counted.done,
    absent = counted.absent,
    failed = counted.failed,
    quarantined = counted.quarantined
FROM (
    SELECT
        coalesce(sum(items), 0) AS planned,
        coalesce(sum(items) FILTER (WHERE state = 'done'), 0) AS done,
        coalesce(sum(items) FILTER (WHERE state = 'absent'), 0) AS absent,
        coalesce(sum(items) FILTER (WHERE state = 'failed'), 0) AS failed,
        coalesce(sum(items) FILTER (WHERE state = 'quarantined'), 0) AS quarantined
    FROM sync_run_totals
    WHERE run_id = %(run_id)s AND kind = 'movie'
) AS counted
WHERE run.id = %(run_id)s
