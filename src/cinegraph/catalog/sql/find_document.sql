-- One body as it is stored. Parameters: source, kind, external_id text. Returns: external_id, body_gzip, sha256, fetched_at.
-- Locks: none. Index: primary key.
SELECT external_id, body_gzip, sha256, fetched_at
FROM documents
WHERE source = %(source)s AND kind = %(kind)s AND external_id = %(external_id)s
