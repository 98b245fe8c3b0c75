-- Note that stored bodies were received again, and tell which of the received ones are outdated. Without the new time
-- a body that came in between could replace the one that was seen after it. Bodies are not written again.
-- Parameters: source, kind text; external_ids text[]; hashes bytea[]; fetched_ats timestamptz[].
-- Returns: external_id of every document of which another body counts.
-- Locks: the documents, which upsert_documents.sql has locked in this transaction. Index: primary key.
WITH received AS MATERIALIZED (
    SELECT external_id, sha256, fetched_at
    FROM unnest(%(external_ids)s::text[], %(hashes)b::bytea[], %(fetched_ats)s::timestamptz[])
        AS document (external_id, sha256, fetched_at)
), again AS (
    UPDATE documents AS stored SET checked_at = received.fetched_at
    FROM received
    WHERE stored.source = %(source)s
      AND stored.kind = %(kind)s
      AND stored.external_id = received.external_id
      AND stored.sha256 = received.sha256
      AND stored.checked_at < received.fetched_at
)
SELECT stored.external_id
FROM received
JOIN documents AS stored ON stored.source = %(source)s
  AND stored.kind = %(kind)s
  AND stored.external_id = received.external_id
WHERE stored.sha256 <> received.sha256
