-- Link nominees to the people who have their IMDb ids, or were found for one, and part them from people who are known to have another one. What a
-- person decided stays.
-- Parameters: nomination_ids bigint[]; found_by text: of whom somebody knows by that id. Returns: nothing; its row count is how many rows changed. Locks: the rows; the caller
-- has locked the nominations. Index: primary key; imdb_id of people.
WITH known AS MATERIALIZED (
    SELECT
        nominee.nomination_id, nominee.position, coalesce(own.id, found.id) AS person_id,
        CASE WHEN own.id IS NOT NULL THEN %(found_by)s WHEN found.id IS NOT NULL THEN 'find' END AS found_by
    FROM nomination_people AS nominee
    LEFT JOIN LATERAL (
        SELECT people.id
        FROM people
        WHERE people.imdb_id = ANY (nominee.imdb_ids)
        -- Of several, whom the source names first: one name, such as a pen name, may stand for several people.
        ORDER BY array_position(nominee.imdb_ids, people.imdb_id), people.id
        LIMIT 1
    ) AS own ON true
    LEFT JOIN LATERAL (
        SELECT people.id
        FROM festival_lookups AS lookup
        INNER JOIN people ON people.tmdb_id = lookup.tmdb_id
        WHERE lookup.imdb_id = ANY (nominee.imdb_ids) AND lookup.kind = 'person' AND lookup.state = 'found'
        ORDER BY array_position(nominee.imdb_ids, lookup.imdb_id)
        LIMIT 1
    ) AS found ON true
    LEFT JOIN people AS linked ON linked.id = nominee.person_id
    WHERE nominee.nomination_id = ANY (%(nomination_ids)s::bigint[])
      AND nominee.imdb_ids <> '{}'
      AND NOT nominee.is_locked
      AND (
        coalesce(own.id, found.id) IS NOT NULL
        OR (linked.imdb_id IS NOT NULL AND linked.imdb_id <> ALL (nominee.imdb_ids))
      )
)
UPDATE nomination_people AS nominee SET
    person_id = known.person_id,
    -- A name that a company has too was a person's.
    company_id = CASE WHEN known.person_id IS NULL THEN nominee.company_id END,
    -- Whom the credits named first was found by them, and is confirmed now.
    found_by = CASE WHEN nominee.person_id = known.person_id THEN nominee.found_by ELSE known.found_by END,
    score = CASE WHEN known.person_id IS NOT NULL THEN 1 END
FROM known
WHERE nominee.nomination_id = known.nomination_id
  AND nominee.position = known.position
  AND (nominee.person_id IS DISTINCT FROM known.person_id OR nominee.score < 1)
