-- What: what the deployment finds when it looks at itself.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE self_audits (
    name       text PRIMARY KEY,
    offenders  bigint      NOT NULL,
    example    text,
    checked_at timestamptz NOT NULL,
    good_at    timestamptz
);
COMMENT ON TABLE self_audits IS
    'The last look at each thing that has to be true: a row each of cinegraph.monitoring.audit.AUDITS; daily';
COMMENT ON COLUMN self_audits.offenders IS 'How many rows break it; 0: it is true';
COMMENT ON COLUMN self_audits.example IS 'One of them, in words';
COMMENT ON COLUMN self_audits.good_at IS 'When it was last true';
