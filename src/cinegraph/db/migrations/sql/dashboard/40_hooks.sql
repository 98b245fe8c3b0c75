-- What: which signed news of films were taken, so that none is taken twice.
-- Returns: nothing. Locks: new relations.

CREATE TABLE hook_deliveries (
    signature   bytea       PRIMARY KEY,
    received_at timestamptz NOT NULL,
    run_id      bigint      REFERENCES sync_runs ON DELETE SET NULL
);
CREATE INDEX hook_deliveries_received_at_index ON hook_deliveries (received_at);
COMMENT ON TABLE hook_deliveries IS
    'What was delivered to /hooks/movies within the last hour: a signature is good for minutes, and is accepted once';
COMMENT ON COLUMN hook_deliveries.signature IS 'The HMAC of its moment and body';
COMMENT ON COLUMN hook_deliveries.received_at IS 'Real time';
COMMENT ON COLUMN hook_deliveries.run_id IS 'What was started; null: nothing';
