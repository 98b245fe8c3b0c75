-- What: films that a list names and nobody wants are counted quickly: service levels leave them out. How long updates of
-- popular films take is kept.
-- Returns: nothing. Locks: sync_ledger, exclusively, while the index is made.

CREATE INDEX sync_ledger_known_index ON sync_ledger (source, kind)
    WHERE state = 'wanted' AND due_at IS NULL AND checked_at IS NULL;

ALTER TABLE sync_ledger ADD COLUMN unchanged_until timestamptz;
COMMENT ON COLUMN sync_ledger.unchanged_until IS
    'The last reading of the changes feed that did not show the change which is still to be fetched; null: there is none';

CREATE TABLE update_latencies (
    source      text             NOT NULL,
    kind        text             NOT NULL,
    external_id bigint           NOT NULL,
    updated_at  timestamptz      NOT NULL,
    seconds     double precision NOT NULL
);
COMMENT ON TABLE update_latencies IS
    'Updates of popular films that the changes feed named: how long after its last reading without them they were stored; kept for 30 days';
CREATE INDEX update_latencies_updated_index ON update_latencies (source, kind, updated_at);
