-- Note what a source said of an edition. Parameters: ceremony_id bigint; source, document_id, digest text; nominations integer;
-- said_at timestamptz. Returns: nothing. Locks: the row; the caller has locked the edition. Index: primary key.
INSERT INTO festival_edition_sources AS known (ceremony_id, source, document_id, digest, nominations, said_at)
VALUES (%(ceremony_id)s, %(source)s, %(document_id)s, %(digest)s, %(nominations)s, %(said_at)s)
ON CONFLICT (ceremony_id, source) DO UPDATE SET
    document_id = excluded.document_id,
    digest = excluded.digest,
    nominations = excluded.nominations,
    said_at = excluded.said_at
WHERE (known.document_id, known.digest, known.nominations, known.said_at)
    IS DISTINCT FROM (excluded.document_id, excluded.digest, excluded.nominations, excluded.said_at)
