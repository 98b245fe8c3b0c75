-- What a source says of a festival's editions. Parameters: organization (key), source text; year smallint (null: all).
-- Returns: ceremony_id, year, part, statements, and how many nominations no other source says: alone (nobody decided anything of them), decided
-- (somebody did); the newest first. Locks: none. Index: unique organization, year, part; unique key of statements; primary key of meanings.
WITH said AS MATERIALIZED (
    SELECT statement.id, ceremony.id AS ceremony_id, ceremony.year, ceremony.part
    FROM festival_organizations AS organization
    INNER JOIN festival_ceremonies AS ceremony ON ceremony.organization_id = organization.id
    INNER JOIN nomination_statements AS statement ON statement.ceremony_id = ceremony.id
    WHERE organization.key = %(organization)s
      AND statement.source = %(source)s
      AND statement.withdrawn_at IS NULL
      AND (ceremony.year = %(year)s OR %(year)s::smallint IS NULL)
), alone AS (
    SELECT DISTINCT
        said.ceremony_id, meaning.nomination_id,
        EXISTS (SELECT FROM nomination_films AS film WHERE film.nomination_id = meaning.nomination_id AND film.is_locked)
        OR EXISTS (SELECT FROM nomination_people AS nominee WHERE nominee.nomination_id = meaning.nomination_id AND nominee.is_locked) AS is_decided
    FROM said
    INNER JOIN nomination_meanings AS meaning ON meaning.statement_id = said.id
    WHERE NOT EXISTS (
        SELECT
        FROM nomination_meanings AS other
        INNER JOIN nomination_statements AS statement ON statement.id = other.statement_id
        WHERE other.nomination_id = meaning.nomination_id AND statement.source <> %(source)s AND statement.withdrawn_at IS NULL
    )
)
SELECT
    said.ceremony_id, said.year, said.part, count(*) AS statements,
    (SELECT count(*) FROM alone WHERE alone.ceremony_id = said.ceremony_id AND NOT alone.is_decided) AS alone,
    (SELECT count(*) FROM alone WHERE alone.ceremony_id = said.ceremony_id AND alone.is_decided) AS decided
FROM said
GROUP BY said.ceremony_id, said.year, said.part
ORDER BY said.year DESC, said.part DESC
