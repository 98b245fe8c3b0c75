-- What came of films since their whole bodies did, in the order in which it came.
-- Parameters: source, kind text; external_ids text[].
-- Returns: external_id, body_gzip, sha256, fetched_at, checked_at, fields; of two of one instant the fuller one first.
-- Locks: none. Index: primary keys.
SELECT part.external_id, part.body_gzip, part.sha256, part.fetched_at, part.checked_at, part.fields
FROM partial_documents AS part
INNER JOIN documents AS whole USING (source, kind, external_id)
WHERE part.source = %(source)s
  AND part.kind = %(kind)s
  AND part.external_id = ANY (%(external_ids)s::text[])
  AND part.checked_at > whole.checked_at
ORDER BY part.external_id, part.checked_at, cardinality(part.fields) DESC, part.fields
