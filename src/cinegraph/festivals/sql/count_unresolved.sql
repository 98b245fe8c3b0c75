-- Films and nominees that are not known, by edition. Parameters: organization text (null: all festivals).
-- Returns: festival, year, part, things; none of 0. Locks: none. Reads all nominations: some 50 ms a hundred thousand.
SELECT organization.key AS festival, ceremony.year, ceremony.part, count(*) AS things
FROM (
    SELECT nomination_id FROM nomination_films WHERE movie_id IS NULL AND NOT is_locked
    UNION ALL
    SELECT nomination_id FROM nomination_people WHERE person_id IS NULL AND company_id IS NULL AND NOT is_locked
) AS open
INNER JOIN festival_nominations AS nomination ON nomination.id = open.nomination_id
INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
WHERE organization.key = %(organization)s OR %(organization)s::text IS NULL
GROUP BY organization.key, ceremony.year, ceremony.part
ORDER BY organization.key, ceremony.year DESC, ceremony.part
