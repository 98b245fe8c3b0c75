-- Give positions to committed changes, in the order in which they were appended; what one transaction did to one thing is
-- one change. A popularity that moved again replaces its earlier row.
-- Parameters: limit integer (changes; one entry is taken whole), now timestamptz.
-- Returns: changes taken. Locks: the entries; lock_sequencer.sql has to have been called in this transaction.
-- Index: primary keys, change_log_popularity_index.
WITH taken AS MATERIALIZED (
    DELETE FROM change_entries
    WHERE id = ANY (ARRAY(
        SELECT counted.id
        FROM (
            SELECT entry.id, sum(cardinality(entry.entity_ids)) OVER (ORDER BY entry.id) AS changes,
                cardinality(entry.entity_ids) AS own
            FROM (SELECT id, entity_ids FROM change_entries ORDER BY id LIMIT %(limit)s) AS entry
        ) AS counted
        WHERE counted.changes - counted.own < %(limit)s
    ))
    RETURNING *
), said AS MATERIALIZED (
    SELECT
        taken.id, taken.xid, taken.kind, entity.id AS entity_id, entity.tmdb_id, taken.action, taken.fields,
        taken.other_id, taken.why, taken.changed_at
    FROM taken
    CROSS JOIN LATERAL unnest(taken.entity_ids, taken.tmdb_ids) AS entity (id, tmdb_id)
), whole AS MATERIALIZED (
    SELECT xid, kind, entity_id FROM said WHERE action IN ('added', 'removed')
), folded AS (
    SELECT
        kind, entity_id, tmdb_id, action, '{}'::text[] AS fields, other_id, why, changed_at, id AS first_id
    FROM said
    WHERE action <> 'changed'
    UNION ALL
    -- A film that is new, or gone from the table, is so with all it has.
    SELECT
        said.kind, said.entity_id, max(said.tmdb_id), said.action,
        array_agg(DISTINCT field.name ORDER BY field.name) FILTER (WHERE field.name IS NOT NULL),
        max(said.other_id), max(said.why), max(said.changed_at), min(said.id)
    FROM said
    LEFT JOIN LATERAL unnest(said.fields) AS field (name) ON true
    WHERE said.action = 'changed'
      AND NOT EXISTS (
        SELECT FROM whole
        WHERE whole.xid = said.xid AND whole.kind = said.kind AND whole.entity_id = said.entity_id
      )
    GROUP BY said.xid, said.kind, said.entity_id, said.action
), logged AS (
    INSERT INTO change_log (position, kind, entity_id, tmdb_id, action, fields, other_id, why, changed_at, logged_at)
    SELECT
        state.last_position + row_number() OVER (ORDER BY folded.first_id, folded.entity_id),
        folded.kind, folded.entity_id, coalesce(folded.tmdb_id, movies.tmdb_id), folded.action,
        coalesce(folded.fields, '{}'), folded.other_id, folded.why, coalesce(folded.changed_at, %(now)s), %(now)s
    FROM folded
    CROSS JOIN change_log_state AS state
    LEFT JOIN movies ON folded.tmdb_id IS NULL AND folded.kind = 'movie' AND movies.id = folded.entity_id
    RETURNING position, kind, entity_id, action, fields
), replaced AS (
    DELETE FROM change_log AS earlier
    USING (
        SELECT DISTINCT kind, entity_id FROM logged
        WHERE action = 'removed' OR (action = 'changed' AND fields @> '{popularity}')
    ) AS again
    WHERE earlier.kind = again.kind
      AND earlier.entity_id = again.entity_id
      AND earlier.action = 'changed'
      AND earlier.fields = '{popularity}'
), moved AS (
    UPDATE change_log_state SET last_position = logged_to.position
    FROM (SELECT max(position) AS position FROM logged) AS logged_to
    WHERE logged_to.position IS NOT NULL
    RETURNING pg_notify('cinegraph_changes', last_position::text)
)
SELECT count(*) FROM said
