-- What a source said of the editions of a festival, in short. Parameters: organization_id bigint; source text.
-- Returns: year, part, digest. Locks: none. Index: unique organization, year, part; primary key.
SELECT ceremony.year, ceremony.part, said.digest
FROM festival_ceremonies AS ceremony
INNER JOIN festival_edition_sources AS said ON said.ceremony_id = ceremony.id
WHERE ceremony.organization_id = %(organization_id)s AND said.source = %(source)s
