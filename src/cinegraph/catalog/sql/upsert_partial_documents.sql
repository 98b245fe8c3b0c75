-- Keep bodies that tell some fields of films; of one film and the same fields the newest counts, and a body that came
-- again moves only its time.
-- Parameters: source, kind text; external_ids text[], bodies, hashes bytea[], sizes integer[], etags text[],
-- fetched_ats timestamptz[]; fields_lists text[]: for each the fields, joined by commas.
-- Returns: nothing. Locks: the rows, in order of their key; the caller has locked the films' documents.
-- Index: primary key.
INSERT INTO partial_documents AS stored (
    source, kind, external_id, fields, body_gzip, sha256, size_bytes, etag, fetched_at, checked_at
)
SELECT
    %(source)s, %(kind)s, received.external_id, string_to_array(received.fields, ','), received.body_gzip,
    received.sha256, received.size_bytes, received.etag, received.fetched_at, received.fetched_at
FROM unnest(
    %(external_ids)s::text[], %(fields_lists)s::text[], %(bodies)b::bytea[], %(hashes)b::bytea[],
    %(sizes)s::integer[], %(etags)s::text[], %(fetched_ats)s::timestamptz[]
) AS received (external_id, fields, body_gzip, sha256, size_bytes, etag, fetched_at)
ORDER BY received.external_id, received.fields
ON CONFLICT (source, kind, external_id, fields) DO UPDATE SET
    body_gzip = CASE WHEN stored.sha256 = excluded.sha256 THEN stored.body_gzip ELSE excluded.body_gzip END,
    sha256 = excluded.sha256,
    size_bytes = excluded.size_bytes,
    etag = excluded.etag,
    fetched_at = CASE WHEN stored.sha256 = excluded.sha256 THEN stored.fetched_at ELSE excluded.fetched_at END,
    checked_at = excluded.checked_at
WHERE stored.checked_at < excluded.checked_at
