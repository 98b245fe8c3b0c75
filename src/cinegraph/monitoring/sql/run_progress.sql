-- How far runs are: counts that are kept as items change, so a million films cost no more than ten.
-- Parameters: run_id bigint or null for the latest; running_only boolean; limit integer; now timestamptz; null for any: states,
-- kinds text[]; before bigint: an id, for the next page.
-- Returns: one row a run, latest first; stages: by kind of item, items by state.
SELECT
    run.id, run.kind, run.source, run.arguments, run.requested_by, run.state, run.note, run.started_at, run.finished_at,
    coalesce(run.planned, counted.planned)::bigint AS planned,
    coalesce(run.done, counted.done)::bigint AS done,
    coalesce(run.absent, counted.absent)::bigint AS absent,
    coalesce(run.failed, counted.failed)::bigint AS failed,
    coalesce(run.quarantined, counted.quarantined)::bigint AS quarantined,
    counted.unqueued::bigint AS unqueued, counted.open::bigint AS open, counted.waiting::bigint AS waiting,
    CASE
        WHEN run.planned IS NULL THEN counted.cancelled
        -- An ended run has no other film left.
        ELSE run.planned - run.done - run.absent - run.failed - run.quarantined
    END::bigint AS cancelled,
    counted.pages_planned::bigint AS pages_planned, counted.pages_read::bigint AS pages_read,
    coalesce(staged.stages, '{}') AS stages,
    recent.ended AS ended_last_minute, recent.first_ended_at
FROM (
    SELECT *
    FROM sync_runs
    WHERE (id = %(run_id)s OR %(run_id)s::bigint IS NULL)
      AND (state IN ('running', 'paused') OR NOT %(running_only)s)
      AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s::text[]))
      AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
      AND (%(before)s::bigint IS NULL OR id < %(before)s)
    ORDER BY id DESC
    LIMIT %(limit)s
) AS run
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(items) FILTER (WHERE kind = 'movie'), 0) AS planned,
        coalesce(sum(items) FILTER (WHERE kind = 'movie' AND state = 'done'), 0) AS done,
        coalesce(sum(items) FILTER (WHERE kind = 'movie' AND state = 'absent'), 0) AS absent,
        coalesce(sum(items) FILTER (WHERE kind = 'movie' AND state = 'failed'), 0) AS failed,
        coalesce(sum(items) FILTER (WHERE kind = 'movie' AND state = 'quarantined'), 0) AS quarantined,
        coalesce(sum(items) FILTER (WHERE kind = 'movie' AND state = 'planned'), 0) AS unqueued,
        coalesce(sum(items) FILTER (WHERE kind = 'movie' AND state = 'open'), 0) AS open,
        coalesce(sum(items) FILTER (WHERE kind = 'movie' AND state = 'waiting'), 0) AS waiting,
        coalesce(sum(items) FILTER (WHERE kind = 'movie' AND state = 'cancelled'), 0) AS cancelled,
        coalesce(sum(items) FILTER (WHERE kind NOT IN ('movie', 'omdb', 'find', 'person', 'collaborations', 'enrichment')), 0) AS pages_planned,
        coalesce(sum(items) FILTER (WHERE kind NOT IN ('movie', 'omdb', 'find', 'person', 'collaborations', 'enrichment') AND state = 'done'), 0) AS pages_read
    FROM sync_run_totals
    WHERE run_id = run.id
) AS counted
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(stage.kind, stage.states) AS stages
    FROM (
        SELECT kind, jsonb_object_agg(state, items) AS states
        FROM sync_run_totals
        WHERE run_id = run.id AND items > 0
        GROUP BY kind
    ) AS stage
) AS staged
CROSS JOIN LATERAL (
    SELECT count(*) AS ended, min(item.ended_at) AS first_ended_at
    FROM sync_run_items AS item
    WHERE item.run_id = run.id
      AND item.kind = 'movie'
      AND item.ended_at > %(now)s - interval '1 minute'
) AS recent
ORDER BY run.id DESC
