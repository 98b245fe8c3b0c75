-- Whether a run waits for a thing, be it for a job or for a further round.
-- Parameters: kind text; external_id bigint. Returns: boolean. Locks: none. Index: sync_run_items_open_index.
SELECT EXISTS (
    SELECT
    FROM sync_run_items
    WHERE kind = %(kind)s AND external_id = %(external_id)s AND state IN ('planned', 'open', 'waiting')
)
