-- Read documents and keep them as they are until the end of the transaction: the row lock is the film's mutex.
-- Parameters: source, kind text; external_ids text[]. Returns: external_id, body_gzip, sha256, fetched_at, checked_at.
-- Locks: the documents, in order of external_id, as upsert_documents.sql does. Index: primary key.
SELECT external_id, body_gzip, sha256, fetched_at, checked_at
FROM documents
WHERE source = %(source)s AND kind = %(kind)s AND external_id = ANY (%(external_ids)s::text[])
ORDER BY external_id
FOR NO KEY UPDATE
