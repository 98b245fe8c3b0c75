-- Write the sums of a run whose items stand still.
-- Parameters: run_id bigint. Returns: nothing. Locks: the run. Index: primary key of sync_run_items.
UPDATE sync_runs AS run SET
    planned = counted.planned,
    done = counted.done,
    absent = counted.absent,
    failed = counted.failed,
    quarantined = counted.quarantined
FROM (
    SELECT
        count(*) AS planned,
        count(*) FILTER (WHERE state = 'done') AS done,
        count(*) FILTER (WHERE state = 'absent') AS absent,
        count(*) FILTER (WHERE state = 'failed') AS failed,
        count(*) FILTER (WHERE state = 'quarantined') AS quarantined
    FROM sync_run_items
    WHERE run_id = %(run_id)s AND kind = 'movie'
) AS counted
WHERE run.id = %(run_id)s
