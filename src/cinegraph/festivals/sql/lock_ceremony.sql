-- Let nobody else store an edition, or another one of its festival, until the transaction ends, and tell of it: they share names.
-- Parameters: id bigint. Returns: id, organization_id, year, default_source. Locks: the row and its festival. Index: primary key.
SELECT ceremony.id, ceremony.organization_id, ceremony.year, organization.default_source
FROM festival_ceremonies AS ceremony
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
WHERE ceremony.id = %(id)s
FOR NO KEY UPDATE OF ceremony, organization
