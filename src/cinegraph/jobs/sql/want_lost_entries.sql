-- Rows of the ledger that are queued while no live job is at them and no run waits for them: lost, they are wanted again.
-- A row is queued in the transaction that makes its job, so there is no moment between the two.
-- Parameters: source, kind, item_kind, queue text; now timestamptz. Returns: nothing; the row count tells how many.
-- Locks: the rows found; those that somebody is at are left. Index: sync_ledger_queued_index; of the jobs all live ones.
WITH working AS MATERIALIZED (
    SELECT coalesce(meta ->> 'tmdb_id', args ->> 'tmdb_id')::bigint AS external_id
    FROM oban_jobs
    WHERE queue = %(queue)s AND state IN ('available', 'scheduled', 'executing', 'retryable', 'suspended')
), lost AS MATERIALIZED (
    SELECT entry.external_id
    FROM sync_ledger AS entry
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.state = 'queued'
      AND NOT EXISTS (SELECT FROM working WHERE working.external_id = entry.external_id)
      AND NOT EXISTS (
          SELECT
          FROM sync_run_items AS item
          WHERE item.kind = %(item_kind)s AND item.external_id = entry.external_id AND item.state IN ('open', 'waiting')
      )
    ORDER BY entry.external_id
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE sync_ledger AS entry SET
    state = 'wanted',
    due_at = %(now)s
FROM lost
WHERE entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = lost.external_id
