-- A run has ended: what is wanted for it is wanted for the next run that plans it; else for no run, or, when the run was
-- cancelled, by nobody: what was answered once is then due again later.
-- Parameters: run_id bigint; is_cancelled boolean; again_at, now timestamptz. Returns: nothing.
-- Locks: the rows, in order of id; as many as a run has planned. Index: sync_ledger_wanted_index.
WITH held AS MATERIALIZED (
    SELECT known.source, known.kind, known.external_id
    FROM sync_ledger AS known
    WHERE known.source IN ('tmdb', 'omdb')
      AND known.kind = 'movie'
      AND known.run_id = %(run_id)s
      AND known.state = 'wanted'
      AND known.due_at IS NOT NULL
    ORDER BY known.source, known.kind, known.external_id
    FOR NO KEY UPDATE
), heir AS MATERIALIZED (
    SELECT held.source, held.kind, held.external_id, min(item.run_id) AS run_id
    FROM held
    LEFT JOIN sync_run_items AS item
        ON item.kind = CASE held.source WHEN 'omdb' THEN 'omdb' ELSE held.kind END
        AND item.external_id = held.external_id
        AND item.state = 'planned'
        AND item.run_id <> %(run_id)s
    GROUP BY held.source, held.kind, held.external_id
)
UPDATE sync_ledger AS entry SET
    run_id = coalesce(heir.run_id, 0),
    state = CASE WHEN heir.run_id IS NULL AND %(is_cancelled)s THEN state_before(entry) ELSE 'wanted' END,
    due_at = CASE
        WHEN heir.run_id IS NOT NULL THEN %(now)s::timestamptz
        WHEN %(is_cancelled)s AND entry.checked_at IS NULL THEN NULL
        WHEN %(is_cancelled)s THEN %(again_at)s
        ELSE entry.due_at
    END
FROM heir
WHERE entry.source = heir.source AND entry.kind = heir.kind AND entry.external_id = heir.external_id
