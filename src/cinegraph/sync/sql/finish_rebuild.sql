-- End a rebuild whose ranges are all finished: failed when a document could not be read, else completed.
-- Parameters: run_id bigint; now timestamptz. Returns: nothing. Locks: the run.
UPDATE sync_runs AS run SET
    state = CASE WHEN summed.failed > 0 THEN 'failed' ELSE 'completed' END,
    planned = summed.rebuilt + summed.failed,
    done = summed.rebuilt,
    absent = 0,
    failed = 0,
    quarantined = summed.failed,
    finished_at = %(now)s
FROM (
    SELECT
        coalesce(sum(rebuilt), 0)::integer AS rebuilt,
        coalesce(sum(failed), 0)::integer AS failed,
        count(*) FILTER (WHERE finished_at IS NULL) AS unfinished
    FROM rebuild_shards
    WHERE run_id = %(run_id)s
) AS summed
WHERE run.id = %(run_id)s AND run.state = 'running' AND summed.unfinished = 0
