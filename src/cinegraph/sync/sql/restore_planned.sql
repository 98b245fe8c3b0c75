-- Make good what a run plans and the ledger does not offer for it: another run took the row and was cancelled or paused,
-- a person deleted it, its answer came before the run asked.
-- Parameters: run_id bigint; source, kind, item_kind, reason text; now timestamptz; limit integer.
-- Returns: one row: offered, settled: how many. Locks: the rows of the ledger, in order of id, then the items; what others
-- are at is left. Index: sync_run_items_open_index, primary keys.
WITH planned AS MATERIALIZED (
    SELECT item.external_id, entry.external_id IS NULL AS is_unknown
    FROM sync_run_items AS item
    LEFT JOIN sync_ledger AS entry
        ON entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = item.external_id
    WHERE item.run_id = %(run_id)s
      AND item.kind = %(item_kind)s
      AND item.state = 'planned'
      AND (
          entry.external_id IS NULL
          OR entry.state NOT IN ('wanted', 'queued')
          OR (entry.state = 'wanted' AND (entry.run_id <> %(run_id)s OR entry.due_at IS NULL))
      )
    LIMIT %(limit)s
), held AS MATERIALIZED (
    SELECT entry.external_id, entry.state
    FROM sync_ledger AS entry
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.external_id = ANY (ARRAY(SELECT external_id FROM planned WHERE NOT is_unknown))
    ORDER BY entry.external_id
    FOR NO KEY UPDATE SKIP LOCKED
), settled AS (
    UPDATE sync_run_items AS item SET
        state = CASE held.state WHEN 'absent' THEN 'absent' ELSE 'done' END,
        ended_at = %(now)s
    FROM held
    WHERE item.run_id = %(run_id)s
      AND item.kind = %(item_kind)s
      AND item.external_id = ANY (
          ARRAY(SELECT external_id FROM held WHERE state IN ('fresh', 'empty', 'absent'))
      )
      AND item.external_id = held.external_id
      AND item.state = 'planned'
    RETURNING 1
), offered AS (
    UPDATE sync_ledger AS entry SET
        state = 'wanted',
        run_id = %(run_id)s,
        due_at = %(now)s
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.external_id = ANY (
          ARRAY(SELECT external_id FROM held WHERE state IN ('wanted', 'failed', 'quarantined'))
      )
    RETURNING 1
), entered AS (
    INSERT INTO sync_ledger (source, kind, external_id, state, reason, run_id, due_at, created_at)
    SELECT %(source)s, %(kind)s, planned.external_id, 'wanted', %(reason)s, %(run_id)s, %(now)s, %(now)s
    FROM planned
    WHERE planned.is_unknown
    ORDER BY planned.external_id
    ON CONFLICT (source, kind, external_id) DO NOTHING
    RETURNING 1
)
SELECT
    (SELECT count(*) FROM offered) + (SELECT count(*) FROM entered) AS offered,
    (SELECT count(*) FROM settled) AS settled
