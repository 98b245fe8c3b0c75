-- Keep documents as they were read until the end of the transaction; one that another body has replaced meanwhile is
-- left out: who stored that body has made its rows.
-- Parameters: source, kind text; external_ids text[]; hashes bytea[]. Returns: external_id of each that is as it was.
-- Locks: the documents, in order of external_id, as upsert_documents.sql does. Index: primary key.
SELECT stored.external_id
FROM unnest(%(external_ids)s::text[], %(hashes)b::bytea[]) AS given (external_id, sha256)
INNER JOIN documents AS stored ON stored.source = %(source)s
  AND stored.kind = %(kind)s
  AND stored.external_id = given.external_id
WHERE stored.sha256 = given.sha256
ORDER BY stored.external_id
FOR NO KEY UPDATE OF stored
