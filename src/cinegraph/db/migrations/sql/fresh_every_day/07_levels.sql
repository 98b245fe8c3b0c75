-- What: films that a list names and nobody wants are counted quickly: service levels leave them out.
-- Returns: nothing. Locks: sync_ledger, exclusively, while the index is made.

CREATE INDEX sync_ledger_known_index ON sync_ledger (source, kind)
    WHERE state = 'wanted' AND due_at IS NULL AND checked_at IS NULL;
