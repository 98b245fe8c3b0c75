-- What: films that a list names and nobody wants are counted quickly: service levels leave them out. How long updates of
-- popular films take is kept. What a row was before its job is told in one place.
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

CREATE FUNCTION state_before(entry sync_ledger) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN entry.checked_at IS NULL THEN 'wanted'
        WHEN entry.denials > 0 THEN 'absent'
        WHEN entry.error_code IS NOT NULL THEN 'failed'
        ELSE 'fresh'
    END
$$;
COMMENT ON FUNCTION state_before IS
    'What a row of the ledger that is given back without an answer was before: what was answered once never becomes wanted, which neither the changes feed nor the sweeps look at; what the source held nothing of counts as fresh until it is asked again';
