-- What a cancelled run wanted is wanted by nobody, or by the next run that plans it.
-- Parameters: run_id bigint; now timestamptz. Returns: nothing. Locks: the rows. Index: sync_ledger_wanted_index.
UPDATE sync_ledger AS entry SET
    run_id = coalesce(heir.run_id, 0),
    due_at = CASE WHEN heir.run_id IS NOT NULL THEN %(now)s::timestamptz END
FROM (
    SELECT known.source, known.kind, known.external_id, min(item.run_id) AS run_id
    FROM sync_ledger AS known
    LEFT JOIN sync_run_items AS item
        ON item.kind = CASE known.source WHEN 'omdb' THEN 'omdb' ELSE known.kind END
        AND item.external_id = known.external_id
        AND item.state = 'planned'
    WHERE known.source IN ('tmdb', 'omdb') AND known.kind = 'movie' AND known.run_id = %(run_id)s AND known.state = 'wanted'
      AND known.due_at IS NOT NULL
    GROUP BY known.source, known.kind, known.external_id
) AS heir
WHERE entry.source = heir.source AND entry.kind = heir.kind AND entry.external_id = heir.external_id
