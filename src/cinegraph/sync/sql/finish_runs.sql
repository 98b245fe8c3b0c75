-- End the runs that have nothing left to do: failed when a film or a page of the list is missing, cancelled when a
-- person cancelled all its films (or its list before there was one), else completed.
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
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'cancelled') AS films_cancelled,
        count(*) FILTER (WHERE item.kind <> 'movie' AND item.state = 'cancelled') AS pages_cancelled,
        count(*) FILTER (WHERE item.kind <> 'movie' AND item.state NOT IN ('done', 'cancelled')) AS pages_missed
    FROM finished
    LEFT JOIN sync_run_items AS item ON item.run_id = finished.id
    GROUP BY finished.id
)
UPDATE sync_runs AS run SET
    state = CASE
        WHEN counted.failed + counted.pages_missed > 0 THEN 'failed'
        WHEN counted.films_cancelled + counted.pages_cancelled > 0 AND counted.films_cancelled = counted.planned
            THEN 'cancelled'
        ELSE 'completed'
    END,
    note = nullif(concat_ws(
        '; ',
        CASE counted.pages_missed
            WHEN 0 THEN NULL
            WHEN 1 THEN '1 list page could not be read'
            ELSE counted.pages_missed || ' list pages could not be read'
        END,
        CASE counted.pages_cancelled
            WHEN 0 THEN NULL
            WHEN 1 THEN '1 list page cancelled'
            ELSE counted.pages_cancelled || ' list pages cancelled'
        END,
        CASE counted.films_cancelled
            WHEN 0 THEN NULL
            WHEN 1 THEN '1 film cancelled'
            ELSE counted.films_cancelled || ' films cancelled'
        END
    ), ''),
    planned = counted.planned,
    done = counted.done,
    absent = counted.absent,
    failed = counted.failed,
    quarantined = counted.quarantined,
    finished_at = %(now)s
FROM counted
WHERE run.id = counted.id
RETURNING run.id
