-- Forget a body and its further pages, but for some. Parameters: source, kind, external_id text; keeps text[]. Returns: nothing.
-- Locks: the rows. Index: primary key.
DELETE FROM documents
WHERE source = %(source)s
  AND kind = %(kind)s
  AND (external_id = %(external_id)s OR starts_with(external_id, %(external_id)s || '/'))
  AND external_id <> ALL (%(keeps)s::text[])
