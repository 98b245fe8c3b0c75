-- How far runs are. Films are counted while a run goes on; when it has ended its sums stand in its row and only its
-- list pages, a twentieth as many, are counted.
-- Parameters: run_id bigint or null for the latest; running_only boolean; limit integer; now timestamptz.
-- Returns: one row a run, latest first.
SELECT
    run.id, run.kind, run.source, run.arguments, run.requested_by, run.state, run.note, run.started_at, run.finished_at,
    coalesce(run.planned, counted.planned) AS planned,
    coalesce(run.done, counted.done) AS done,
    coalesce(run.absent, counted.absent) AS absent,
    coalesce(run.failed, counted.failed) AS failed,
    coalesce(run.quarantined, counted.quarantined) AS quarantined,
    counted.open, counted.waiting,
    CASE
        WHEN run.planned IS NULL THEN counted.cancelled
        -- An ended run has no other film left.
        ELSE run.planned - run.done - run.absent - run.failed - run.quarantined
    END AS cancelled,
    pages.planned AS pages_planned, pages.read AS pages_read,
    recent.ended AS ended_last_minute, recent.first_ended_at
FROM (
    SELECT *
    FROM sync_runs
    WHERE (id = %(run_id)s OR %(run_id)s::bigint IS NULL)
      AND (state = 'running' OR NOT %(running_only)s)
    ORDER BY id DESC
    LIMIT %(limit)s
) AS run
CROSS JOIN LATERAL (
    SELECT
        count(*) AS planned,
        count(*) FILTER (WHERE item.state = 'done') AS done,
        count(*) FILTER (WHERE item.state = 'absent') AS absent,
        count(*) FILTER (WHERE item.state = 'failed') AS failed,
        count(*) FILTER (WHERE item.state = 'quarantined') AS quarantined,
        count(*) FILTER (WHERE item.state = 'open') AS open,
        count(*) FILTER (WHERE item.state = 'waiting') AS waiting,
        count(*) FILTER (WHERE item.state = 'cancelled') AS cancelled
    FROM sync_run_items AS item
    WHERE item.run_id = run.id AND item.kind = 'movie' AND run.planned IS NULL
) AS counted
CROSS JOIN LATERAL (
    SELECT count(*) AS planned, count(*) FILTER (WHERE item.state = 'done') AS read
    FROM sync_run_items AS item
    -- Two ranges of the primary key; `<>` would read the films as well.
    WHERE item.run_id = run.id AND (item.kind < 'movie' OR item.kind > 'movie')
) AS pages
CROSS JOIN LATERAL (
    SELECT count(*) AS ended, min(item.ended_at) AS first_ended_at
    FROM sync_run_items AS item
    WHERE item.run_id = run.id
      AND item.kind = 'movie'
      AND item.ended_at > %(now)s - interval '1 minute'
) AS recent
ORDER BY run.id DESC
