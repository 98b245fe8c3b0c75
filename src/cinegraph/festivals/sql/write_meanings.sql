-- Make which nominations statements of an edition mean equal to what was found.
-- Parameters: ceremony_id bigint; statement_ids, nomination_ids bigint[], are_shared boolean[].
-- Returns: nothing. Locks: the rows; the caller has locked the edition. Index: primary key.
WITH given AS MATERIALIZED (
    SELECT *
    FROM unnest(%(statement_ids)s::bigint[], %(nomination_ids)s::bigint[], %(are_shared)s::boolean[])
        AS given (statement_id, nomination_id, is_shared)
), gone AS (
    DELETE FROM nomination_meanings AS known
    USING nomination_statements AS statement
    WHERE statement.id = known.statement_id
      AND statement.ceremony_id = %(ceremony_id)s
      AND statement.withdrawn_at IS NULL
      AND NOT EXISTS (
        SELECT FROM given
        WHERE given.statement_id = known.statement_id AND given.nomination_id = known.nomination_id
      )
)
INSERT INTO nomination_meanings AS known (statement_id, nomination_id, is_shared)
SELECT given.statement_id, given.nomination_id, given.is_shared
FROM given
ORDER BY given.statement_id, given.nomination_id
ON CONFLICT (statement_id, nomination_id) DO UPDATE SET is_shared = excluded.is_shared
WHERE known.is_shared <> excluded.is_shared
