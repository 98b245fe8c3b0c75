-- What: the circuit breaker of a source stands in its budget row; and what alerts look for is found by an index.
-- Returns: nothing. Locks: request_budgets and quarantine, exclusively, for an instant.

ALTER TABLE request_budgets
    ADD COLUMN throttled_since  timestamptz,
    ADD COLUMN circuit_opened_at timestamptz,
    ADD COLUMN circuit_strikes  integer NOT NULL DEFAULT 0,
    ADD COLUMN circuit_failures integer NOT NULL DEFAULT 0,
    ADD COLUMN circuit_reason   text;
COMMENT ON COLUMN request_budgets.throttled_since IS 'The first 429 since the last success; null: it succeeded after the last one';
COMMENT ON COLUMN request_budgets.circuit_opened_at IS
    'Since when the source is down: nothing is asked until paused_until, then a trickle until one answer comes; null: it is well';
COMMENT ON COLUMN request_budgets.circuit_strikes IS 'Pauses since circuit_opened_at: each doubles the next one';
COMMENT ON COLUMN request_budgets.circuit_failures IS 'Failures of the trickle since the last pause';
COMMENT ON COLUMN request_budgets.circuit_reason IS 'What the last failure said';

CREATE INDEX quarantine_last_seen_at_index ON quarantine (last_seen_at);
