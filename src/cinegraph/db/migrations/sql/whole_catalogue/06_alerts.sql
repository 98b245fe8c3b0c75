-- What: what a person should know without having looked.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE alerts (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text        NOT NULL,
    subject      text        NOT NULL,
    severity     text        NOT NULL CHECK (severity IN ('notice', 'warning', 'critical')),
    message      text        NOT NULL,
    hint         text,
    opened_at    timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    closed_at    timestamptz,
    seen_count   integer     NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX alerts_open_index ON alerts (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX alerts_opened_at_index ON alerts (opened_at);
COMMENT ON TABLE alerts IS 'Troubles, each once while it lasts: opened when a rule first finds it, closed when it finds it no longer';
COMMENT ON COLUMN alerts.kind IS 'The rule: a name of cinegraph.monitoring.alerts.RULES';
COMMENT ON COLUMN alerts.subject IS 'What it is about: a source, a queue, a schedule';

CREATE TABLE alert_checks (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    checked_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE alert_checks IS 'When all rules were last looked at. Real time: without a leading node nobody does';
