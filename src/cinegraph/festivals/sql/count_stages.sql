-- How often each way of finding films and people won. Parameters: organization text (null: all).
-- Returns: thing (film, person), stage (none: not found), things. Locks: none. Reads all nominations.
WITH nomination AS MATERIALIZED (
    SELECT nomination.id
    FROM festival_nominations AS nomination
    INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
    INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
    WHERE organization.key = %(organization)s OR %(organization)s::text IS NULL
)
SELECT 'film' AS thing, coalesce(film.found_by, 'none') AS stage, count(*) AS things
FROM nomination
INNER JOIN nomination_films AS film ON film.nomination_id = nomination.id
GROUP BY 2
UNION ALL
SELECT 'person', coalesce(nominee.found_by, 'none'), count(*)
FROM nomination
INNER JOIN nomination_people AS nominee ON nominee.nomination_id = nomination.id
WHERE nominee.kind <> 'company' AND nominee.company_id IS NULL
GROUP BY 2
ORDER BY 1, 3 DESC, 2
