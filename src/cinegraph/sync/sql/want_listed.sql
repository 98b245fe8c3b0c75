-- Let the ledger know every film of the export that is being merged, with its worth. New ones are wanted; of those that
-- were never fetched the worth follows the export.
-- Parameters: source, kind, reason text; run_id bigint (0: none); due_at timestamptz or null (nobody asks yet);
-- video_share double precision; now timestamptz.
-- Returns: one row: new_count. Locks: the rows, in order of id. Reads export_staging of the same transaction.
-- Index: primary key.
WITH said AS MATERIALIZED (
    SELECT
        staged.tmdb_id::bigint AS id,
        staged.popularity * CASE WHEN staged.is_video THEN %(video_share)s ELSE 1 END AS priority,
        known.state, known.priority AS known_priority
    FROM export_staging AS staged
    LEFT JOIN sync_ledger AS known
        ON known.source = %(source)s AND known.kind = %(kind)s AND known.external_id = staged.tmdb_id
), moved AS (
    UPDATE sync_ledger AS entry SET priority = said.priority
    FROM said
    WHERE said.state IS NOT NULL
      -- A worth that moved by a hundredth changes no order that matters, and every row written costs.
      AND abs(said.priority - said.known_priority) > 0.01 * greatest(said.known_priority, 0.5)
      AND entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = said.id
), added AS (
    INSERT INTO sync_ledger (source, kind, external_id, state, reason, priority, run_id, due_at, created_at)
    SELECT %(source)s, %(kind)s, said.id, 'wanted', %(reason)s, said.priority, %(run_id)s, %(due_at)s, %(now)s
    FROM said
    WHERE said.state IS NULL
    ORDER BY said.id
    ON CONFLICT (source, kind, external_id) DO NOTHING
    RETURNING 1
)
SELECT count(*) AS new_count
FROM added
