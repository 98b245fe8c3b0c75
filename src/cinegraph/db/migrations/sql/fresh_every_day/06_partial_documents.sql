-- What: bodies that tell only some fields of a film, beside the whole one.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE partial_documents (
    source      text        NOT NULL,
    kind        text        NOT NULL,
    external_id text        NOT NULL,
    fields      text[]      NOT NULL,
    body_gzip   bytea       NOT NULL,
    sha256      bytea       NOT NULL,
    size_bytes  integer     NOT NULL,
    etag        text,
    fetched_at  timestamptz NOT NULL,
    checked_at  timestamptz NOT NULL,
    PRIMARY KEY (source, kind, external_id, fields)
);
-- Already compressed: a second compression would only cost time.
ALTER TABLE partial_documents ALTER COLUMN body_gzip SET STORAGE EXTERNAL;
COMMENT ON TABLE partial_documents IS
    'Bodies as received that tell only some fields of a film, each newer than the whole body in documents; rebuild lays them over it in their order';
COMMENT ON COLUMN partial_documents.fields IS
    'The fields that were asked for beside the facts that every answer has; empty: those facts alone; listed: the few of them that a row of a list tells';
COMMENT ON COLUMN partial_documents.fetched_at IS 'When this body first came';
COMMENT ON COLUMN partial_documents.checked_at IS 'When the source last sent it; one that is not newer than the whole body is removed';
COMMENT ON COLUMN partial_documents.sha256 IS 'Of the decoded body';
COMMENT ON COLUMN partial_documents.size_bytes IS 'Of the decoded body';
