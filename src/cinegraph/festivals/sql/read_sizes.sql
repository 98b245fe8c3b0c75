-- How much a source said of the editions of a festival. Parameters: organization_id bigint; source text. Returns: year, part, nominations.
-- Locks: none. Index: unique organization, year, part; primary key.
SELECT ceremony.year, ceremony.part, said.nominations
FROM festival_ceremonies AS ceremony
INNER JOIN festival_edition_sources AS said ON said.ceremony_id = ceremony.id
WHERE ceremony.organization_id = %(organization_id)s AND said.source = %(source)s
