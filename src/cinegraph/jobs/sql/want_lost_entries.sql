-- Rows of the ledger that are queued while no live job is at them and no run sees to it: lost, they are wanted again, for
-- the run that plans them or for none.
-- A row is queued in the transaction that makes its job, so there is no moment between the two. What a running run has
-- open the audit gives a job; what only a paused one has open rests with it, unless a running run plans it too.
-- Parameters: source, kind, item_kind text; queues text[]; now timestamptz. Returns: nothing; the row count tells how many.
-- Locks: the rows found; those that somebody is at are left. Index: sync_ledger_queued_index, sync_run_items_open_index;
-- of the jobs all live ones.
WITH working AS MATERIALIZED (
    SELECT coalesce(meta ->> 'tmdb_id', args ->> 'tmdb_id')::bigint AS external_id
    FROM oban_jobs
    WHERE queue = ANY (%(queues)s::text[]) AND state IN ('available', 'scheduled', 'executing', 'retryable', 'suspended')
), jobless AS MATERIALIZED (
    SELECT entry.ctid AS place
    FROM sync_ledger AS entry
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.state = 'queued'
      AND NOT EXISTS (SELECT FROM working WHERE working.external_id = entry.external_id)
), lost AS MATERIALIZED (
    SELECT entry.ctid AS place, coalesce(awaited.feeding_run, awaited.planning_run, 0) AS run_id
    FROM sync_ledger AS entry
    CROSS JOIN LATERAL (
        SELECT
            min(item.run_id) FILTER (WHERE item.state = 'planned' AND run.state = 'running') AS feeding_run,
            min(item.run_id) FILTER (WHERE item.state = 'planned') AS planning_run,
            count(*) FILTER (WHERE item.state <> 'planned') AS begun,
            count(*) FILTER (WHERE item.state <> 'planned' AND run.state = 'running') AS begun_and_running
        FROM sync_run_items AS item
        INNER JOIN sync_runs AS run ON run.id = item.run_id
        WHERE item.kind = %(item_kind)s
          AND item.external_id = entry.external_id
          AND item.state IN ('planned', 'open', 'waiting')
    ) AS awaited
    WHERE entry.ctid = ANY (ARRAY(SELECT place FROM jobless))
      AND entry.state = 'queued'
      AND awaited.begun_and_running = 0
      AND (awaited.begun = 0 OR awaited.feeding_run IS NOT NULL)
    ORDER BY entry.external_id
    FOR NO KEY UPDATE OF entry SKIP LOCKED
)
UPDATE sync_ledger AS entry SET
    state = 'wanted',
    run_id = lost.run_id,
    due_at = %(now)s
FROM lost
WHERE entry.ctid = lost.place
