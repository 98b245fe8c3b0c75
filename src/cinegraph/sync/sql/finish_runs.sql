-- End the runs that have nothing left to do.
-- Parameters: now timestamptz. Returns: their ids. Locks: the runs. Index: sync_runs_running_index.
WITH finished AS MATERIALIZED (
    SELECT run.id
    FROM sync_runs AS run
    WHERE run.state = 'running'
      AND NOT EXISTS (
          SELECT FROM sync_run_items AS item WHERE item.run_id = run.id AND item.state IN ('open', 'waiting')
      )
    ORDER BY run.id
    FOR NO KEY UPDATE SKIP LOCKED
), counted AS (
    SELECT
        finished.id,
        count(*) FILTER (WHERE item.kind = 'movie') AS planned,
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'done') AS done,
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'absent') AS absent,
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'failed') AS failed,
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'quarantined') AS quarantined,
        count(*) FILTER (WHERE item.kind <> 'movie' AND item.state <> 'done') AS pages_missed
    FROM finished
    LEFT JOIN sync_run_items AS item ON item.run_id = finished.id
    GROUP BY finished.id
)
UPDATE sync_runs AS run SET
    state = CASE WHEN counted.failed + counted.pages_missed > 0 THEN 'failed' ELSE 'completed' END,
    note = CASE
        WHEN counted.pages_missed > 0 THEN counted.pages_missed || ' list pages could not be read'
    END,
    planned = counted.planned,
    done = counted.done,
    absent = counted.absent,
    failed = counted.failed,
    quarantined = counted.quarantined,
    finished_at = %(now)s
FROM counted
WHERE run.id = counted.id
RETURNING run.id
