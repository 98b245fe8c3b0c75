-- The editions that a stored body was read for, and what it said of them when it was. Parameters: source, document_id text.
-- Returns: id, year, part, digest, said_at. Locks: none.
-- Reads a row an edition and source.
SELECT ceremony.id, ceremony.year, ceremony.part, said.digest, said.said_at
FROM festival_edition_sources AS said
INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = said.ceremony_id
WHERE said.source = %(source)s AND said.document_id = %(document_id)s
ORDER BY ceremony.year, ceremony.part
