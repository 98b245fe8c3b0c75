-- Link nominees who are nobody that is known to companies. Parameters: nomination_ids bigint[], positions smallint[], company_ids bigint[], scores real[].
-- Returns: nothing; its row count is how many. Locks: the rows, in order of their key. Index: primary key.
WITH given AS MATERIALIZED (
    SELECT nominee.nomination_id, nominee.position, given.company_id, given.score
    FROM unnest(%(nomination_ids)s::bigint[], %(positions)s::smallint[], %(company_ids)s::bigint[], %(scores)s::real[])
        AS given (nomination_id, position, company_id, score)
    INNER JOIN nomination_people AS nominee
        ON nominee.nomination_id = given.nomination_id AND nominee.position = given.position
        AND nominee.person_id IS NULL AND NOT nominee.is_locked
    ORDER BY nominee.nomination_id, nominee.position
    FOR NO KEY UPDATE OF nominee
)
UPDATE nomination_people AS nominee SET company_id = given.company_id, score = given.score, found_by = 'credits'
FROM given
WHERE nominee.nomination_id = given.nomination_id AND nominee.position = given.position
