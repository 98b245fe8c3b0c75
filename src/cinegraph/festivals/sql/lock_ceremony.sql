-- Let nobody else store an edition until the transaction ends, and tell of it.
-- Parameters: id bigint. Returns: id, organization_id, year, default_source. Locks: the row. Index: primary key.
SELECT ceremony.id, ceremony.organization_id, ceremony.year, organization.default_source
FROM festival_ceremonies AS ceremony
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
WHERE ceremony.id = %(id)s
FOR NO KEY UPDATE OF ceremony
