-- Let the ledger know every film of the export that is being merged, with its worth. New ones are wanted; of the others
-- the worth follows the export.
-- Parameters: source, kind, reason text; run_id bigint (0: none); due_at timestamptz or null (nobody asks yet);
-- video_share double precision; with_adult boolean; now timestamptz.
-- Returns: one row: new_count. Reads export_staging of the same transaction. Index: primary key.
-- Locks: rows that are new or whose worth moved, new and old together in order of id: two passes would deadlock with who
-- stores or queues films meanwhile.
WITH said AS MATERIALIZED (
    SELECT
        staged.tmdb_id::bigint AS id,
        staged.popularity * CASE WHEN staged.is_video THEN %(video_share)s ELSE 1 END AS priority,
        staged.is_adult
    FROM export_staging AS staged
), entered AS (
    INSERT INTO sync_ledger AS known (source, kind, external_id, state, reason, priority, run_id, due_at, created_at)
    SELECT %(source)s, %(kind)s, said.id, 'wanted', %(reason)s, said.priority, %(run_id)s,
        -- The list of other films has a few adult ones too.
        CASE WHEN %(with_adult)s OR NOT said.is_adult THEN %(due_at)s::timestamptz END, %(now)s
    FROM said
    LEFT JOIN sync_ledger AS entry
        ON entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = said.id
    WHERE entry.external_id IS NULL
       -- A worth that moved by a hundredth changes no order that matters, and every row written costs.
       OR abs(said.priority - entry.priority) > 0.01 * greatest(entry.priority, 0.5)
    ORDER BY said.id
    ON CONFLICT (source, kind, external_id) DO UPDATE SET priority = excluded.priority
    -- Only an inserted row was never locked.
    RETURNING known.xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new) AS new_count
FROM entered
