-- Keep bodies as received. A body that is already there, or older than the one there, changes nothing; of two bodies
-- of the same instant the greater hash counts, so that the order of storing does not. The row lock taken here is the
-- film's mutex: whoever stores the same film waits until this transaction has ended.
-- Parameters: source, kind text; external_ids text[], bodies, hashes bytea[], sizes integer[], etags text[],
-- fetched_ats timestamptz[].
-- Returns: external_id of every document that is new or changed.
-- Locks: the documents, in order of external_id. Index: primary key.
INSERT INTO documents AS stored (
    source, kind, external_id, body_gzip, sha256, size_bytes, etag, fetched_at, checked_at
)
SELECT %(source)s, %(kind)s, received.*, received.fetched_at
FROM unnest(
    %(external_ids)s::text[], %(bodies)b::bytea[], %(hashes)b::bytea[], %(sizes)s::integer[], %(etags)s::text[],
    %(fetched_ats)s::timestamptz[]
) AS received (external_id, body_gzip, sha256, size_bytes, etag, fetched_at)
ORDER BY received.external_id
ON CONFLICT (source, kind, external_id) DO UPDATE SET
    body_gzip = excluded.body_gzip,
    sha256 = excluded.sha256,
    size_bytes = excluded.size_bytes,
    etag = excluded.etag,
    fetched_at = excluded.fetched_at,
    checked_at = excluded.checked_at
WHERE stored.sha256 <> excluded.sha256
  AND (stored.checked_at, stored.sha256) < (excluded.checked_at, excluded.sha256)
RETURNING external_id
