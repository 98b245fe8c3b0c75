-- Make good what a run plans and the ledger does not offer for it: another run took the row and was cancelled, a person
-- deleted it, its answer came before the run asked.
-- Parameters: run_id bigint; source, kind, item_kind, reason text; now timestamptz; limit integer.
-- Returns: one row: offered, settled: how many. Locks: the rows and items. Index: sync_run_items_open_index, primary keys.
WITH planned AS MATERIALIZED (
    SELECT item.external_id
    FROM sync_run_items AS item
    WHERE item.run_id = %(run_id)s AND item.kind = %(item_kind)s AND item.state = 'planned'
    ORDER BY item.external_id
    LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
), answered AS MATERIALIZED (
    SELECT planned.external_id, entry.state
    FROM planned
    INNER JOIN sync_ledger AS entry
        ON entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = planned.external_id
    WHERE entry.state IN ('fresh', 'empty', 'absent')
), settled AS (
    UPDATE sync_run_items AS item SET
        state = CASE answered.state WHEN 'absent' THEN 'absent' ELSE 'done' END,
        ended_at = %(now)s
    FROM answered
    WHERE item.run_id = %(run_id)s AND item.kind = %(item_kind)s AND item.external_id = answered.external_id
    RETURNING 1
), offered AS (
    INSERT INTO sync_ledger AS known (source, kind, external_id, state, reason, run_id, due_at, created_at)
    SELECT %(source)s, %(kind)s, planned.external_id, 'wanted', %(reason)s, %(run_id)s, %(now)s, %(now)s
    FROM planned
    WHERE planned.external_id NOT IN (SELECT external_id FROM answered)
    ORDER BY planned.external_id
    ON CONFLICT (source, kind, external_id) DO UPDATE SET
        state = 'wanted',
        run_id = excluded.run_id,
        due_at = excluded.due_at
    WHERE known.state IN ('wanted', 'failed', 'quarantined')
      AND (known.run_id <> excluded.run_id OR known.due_at IS NULL OR known.state <> 'wanted')
    RETURNING 1
)
SELECT (SELECT count(*) FROM offered) AS offered, (SELECT count(*) FROM settled) AS settled
