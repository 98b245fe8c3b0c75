-- Try again what failed in a run, from the first round.
-- Parameters: run_id bigint; fed_kinds text[]: stages whose jobs the feeder makes. Returns: kind, ids bigint[] of it.
-- Locks: the items. Index: primary key.
WITH again AS (
    UPDATE sync_run_items SET
        state = CASE WHEN kind = ANY (%(fed_kinds)s::text[]) THEN 'planned' ELSE 'open' END,
        round = 1,
        due_at = NULL,
        error_code = NULL,
        ended_at = NULL
    WHERE run_id = %(run_id)s AND state IN ('failed', 'quarantined')
    RETURNING kind, external_id
)
SELECT kind, array_agg(external_id ORDER BY external_id)
FROM again
GROUP BY kind
ORDER BY kind
