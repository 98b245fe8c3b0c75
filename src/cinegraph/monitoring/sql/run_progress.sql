-- How far runs are. Items are counted while a run goes on; when it has ended its sums stand in its row.
-- Parameters: run_id bigint or null for the latest; running_only boolean; limit integer; now timestamptz.
-- Returns: one row a run, latest first.
SELECT
    run.id, run.kind, run.source, run.arguments, run.requested_by, run.state, run.note, run.started_at, run.finished_at,
    coalesce(run.planned, counted.planned) AS planned,
    coalesce(run.done, counted.done) AS done,
    coalesce(run.absent, counted.absent) AS absent,
    coalesce(run.failed, counted.failed) AS failed,
    coalesce(run.quarantined, counted.quarantined) AS quarantined,
    counted.open, counted.waiting, counted.cancelled, counted.pages_planned, counted.pages_read,
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
        count(*) FILTER (WHERE item.kind = 'movie') AS planned,
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'done') AS done,
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'absent') AS absent,
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'failed') AS failed,
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'quarantined') AS quarantined,
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'open') AS open,
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'waiting') AS waiting,
        count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE item.kind <> 'movie') AS pages_planned,
        count(*) FILTER (WHERE item.kind <> 'movie' AND item.state = 'done') AS pages_read
    FROM sync_run_items AS item
    WHERE item.run_id = run.id
) AS counted
CROSS JOIN LATERAL (
    SELECT count(*) AS ended, min(item.ended_at) AS first_ended_at
    FROM sync_run_items AS item
    WHERE item.run_id = run.id
      AND item.kind = 'movie'
      AND item.ended_at > %(now)s - interval '1 minute'
) AS recent
ORDER BY run.id DESC
