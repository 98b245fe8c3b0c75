-- What sources say of an edition, in the order of each, and which nominations they meant so far.
-- Parameters: ceremony_id bigint. Returns: id, source, body, is_withdrawn, nomination_ids bigint[], is_shared. Locks: none.
-- Index: unique key of statements; primary key of meanings.
SELECT
    statement.id, statement.source, statement.body, statement.withdrawn_at IS NOT NULL AS is_withdrawn,
    meant.nomination_ids, meant.is_shared
FROM nomination_statements AS statement
CROSS JOIN LATERAL (
    SELECT
        coalesce(array_agg(meaning.nomination_id ORDER BY meaning.nomination_id), '{}') AS nomination_ids,
        coalesce(bool_or(meaning.is_shared), false) AS is_shared
    FROM nomination_meanings AS meaning
    WHERE meaning.statement_id = statement.id
) AS meant
WHERE statement.ceremony_id = %(ceremony_id)s
ORDER BY statement.source, statement.position, statement.id
