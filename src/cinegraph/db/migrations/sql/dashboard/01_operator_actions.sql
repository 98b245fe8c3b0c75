-- What: what people did to the deployment through the dashboard or its API.
-- Returns: nothing. Locks: new relations.

CREATE TABLE operator_actions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    things     bigint      NOT NULL,
    who        text        NOT NULL,
    role       text        NOT NULL,
    action     text        NOT NULL,
    arguments  jsonb       NOT NULL,
    outcome    text        NOT NULL,
    error_code text
);
CREATE INDEX operator_actions_at_index ON operator_actions (at DESC, id DESC);
COMMENT ON TABLE operator_actions IS 'The audit log: who did what through the dashboard or the API, also what was refused or failed';
COMMENT ON COLUMN operator_actions.at IS 'Real time';
COMMENT ON COLUMN operator_actions.things IS 'How many jobs, films or others it concerned';
COMMENT ON COLUMN operator_actions.who IS 'The token''s role, local, or the user whom the proxy named';
COMMENT ON COLUMN operator_actions.arguments IS 'As given, without secrets: ids, or the filter of all that matched';
COMMENT ON COLUMN operator_actions.outcome IS 'What the person was told';
COMMENT ON COLUMN operator_actions.error_code IS 'As in cinegraph.errors; null: it was done';
