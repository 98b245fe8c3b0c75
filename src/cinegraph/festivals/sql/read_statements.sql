-- What sources say of an edition, in the order of each, and which nominations they meant so far.
-- Parameters: ceremony_id bigint. Returns: id, source, body, is_withdrawn, nomination_ids bigint[]. Locks: none.
-- Index: unique key of statements; primary key of meanings.
SELECT
    statement.id, statement.source, statement.body, statement.withdrawn_at IS NOT NULL AS is_withdrawn,
    ARRAY(
        SELECT meaning.nomination_id
        FROM nomination_meanings AS meaning
        WHERE meaning.statement_id = statement.id
        ORDER BY meaning.nomination_id
    ) AS nomination_ids
FROM nomination_statements AS statement
WHERE statement.ceremony_id = %(ceremony_id)s
ORDER BY statement.source, statement.position, statement.id
