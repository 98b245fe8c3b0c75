-- Plan a further round for a thing whose attempts are used up; after the last round it has failed.
-- Parameters: run_id bigint or null; kind, error_code text; external_id bigint; now timestamptz;
-- delays_seconds double precision[], by finished round; a round without a delay was the last.
-- Returns: state of each item that waited for it, as it is now. Locks: the items, in order of run. Index: sync_run_items_open_index.
WITH exhausted AS MATERIALIZED (
    SELECT item.run_id, item.kind, item.external_id,
        (%(delays_seconds)s::double precision[])[item.round] AS delay_seconds
    FROM sync_run_items AS item
    WHERE item.kind = %(kind)s
      AND item.external_id = %(external_id)s
      AND item.state = 'open'
      AND (%(run_id)s::bigint IS NULL OR item.run_id = %(run_id)s)
    ORDER BY item.run_id
    FOR NO KEY UPDATE
)
UPDATE sync_run_items AS item SET
    state = CASE WHEN delay_seconds IS NULL THEN 'failed' ELSE 'waiting' END,
    due_at = %(now)s + make_interval(secs => delay_seconds),
    ended_at = CASE WHEN delay_seconds IS NULL THEN %(now)s END,
    error_code = %(error_code)s
FROM exhausted
WHERE item.run_id = exhausted.run_id
  AND item.kind = exhausted.kind
  AND item.external_id = exhausted.external_id
RETURNING item.state
