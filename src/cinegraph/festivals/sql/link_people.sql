-- Link nominees to people. Parameters: nomination_ids bigint[], positions smallint[], person_ids bigint[], scores real[];
-- found_by text. Returns: nothing; its row count is how many. Locks: the rows, in order of their key. Index: primary key.
WITH given AS MATERIALIZED (
    SELECT nominee.nomination_id, nominee.position, given.person_id, given.score
    FROM unnest(%(nomination_ids)s::bigint[], %(positions)s::smallint[], %(person_ids)s::bigint[], %(scores)s::real[])
        AS given (nomination_id, position, person_id, score)
    INNER JOIN nomination_people AS nominee
        ON nominee.nomination_id = given.nomination_id AND nominee.position = given.position AND NOT nominee.is_locked
    ORDER BY nominee.nomination_id, nominee.position
    FOR NO KEY UPDATE OF nominee
)
UPDATE nomination_people AS nominee SET person_id = given.person_id, score = given.score, found_by = %(found_by)s
FROM given
WHERE nominee.nomination_id = given.nomination_id AND nominee.position = given.position
