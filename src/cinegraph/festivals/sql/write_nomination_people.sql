-- Make the people and companies of nominations equal to what sources name. Which of ours one is stays, while it is named
-- the same or a person decided it.
-- Parameters: nomination_ids bigint[]: those that are said; people text: JSON, a list of nomination_id, position, name, kind, imdb_ids, role.
-- Returns: nothing. Locks: the rows; the caller has locked the edition. Index: primary key.
WITH given AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(%(people)s::text::jsonb) AS given (
        nomination_id bigint, position smallint, name text, kind text, imdb_ids text[], role text
    )
), gone AS (
    DELETE FROM nomination_people AS known
    WHERE known.nomination_id = ANY (%(nomination_ids)s::bigint[])
      AND NOT known.is_locked
      AND NOT EXISTS (
        SELECT FROM given WHERE given.nomination_id = known.nomination_id AND given.position = known.position
      )
)
INSERT INTO nomination_people AS known (nomination_id, position, name, kind, imdb_ids, role)
SELECT given.nomination_id, given.position, given.name, given.kind, given.imdb_ids, given.role
FROM given
ORDER BY given.nomination_id, given.position
ON CONFLICT (nomination_id, position) DO UPDATE SET
    name = excluded.name,
    kind = excluded.kind,
    imdb_ids = excluded.imdb_ids,
    role = excluded.role,
    (person_id, company_id, found_by, score) = (
        SELECT known.person_id, known.company_id, known.found_by, known.score
        WHERE known.is_locked
           OR (known.name, known.imdb_ids) IS NOT DISTINCT FROM (excluded.name, excluded.imdb_ids)
    )
WHERE (known.name, known.kind, known.imdb_ids, known.role)
    IS DISTINCT FROM (excluded.name, excluded.kind, excluded.imdb_ids, excluded.role)
