-- The sources that say anything of a festival's editions. Parameters: organization text (key); year smallint (null: all).
-- Returns: source, ascending. Locks: none. Index: unique organization, year, part; unique key of statements.
SELECT DISTINCT statement.source
FROM festival_organizations AS organization
INNER JOIN festival_ceremonies AS ceremony ON ceremony.organization_id = organization.id
INNER JOIN nomination_statements AS statement ON statement.ceremony_id = ceremony.id
WHERE organization.key = %(organization)s
  AND statement.withdrawn_at IS NULL
  AND (ceremony.year = %(year)s OR %(year)s::smallint IS NULL)
ORDER BY statement.source
