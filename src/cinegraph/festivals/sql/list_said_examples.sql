-- A few statements of a source, of the newest editions. Parameters: organization (key), source text; year smallint (null: all);
-- "limit" integer. Returns: year, body. Locks: none. Index: unique organization, year, part; unique key of statements.
SELECT ceremony.year, statement.body
FROM festival_organizations AS organization
INNER JOIN festival_ceremonies AS ceremony ON ceremony.organization_id = organization.id
INNER JOIN nomination_statements AS statement ON statement.ceremony_id = ceremony.id
WHERE organization.key = %(organization)s
  AND statement.source = %(source)s
  AND statement.withdrawn_at IS NULL
  AND (ceremony.year = %(year)s OR %(year)s::smallint IS NULL)
ORDER BY ceremony.year DESC, ceremony.part DESC, statement.position, statement.id
LIMIT %(limit)s
