-- Give up what a run only plans; a million at the most, in seconds.
-- Parameters: run_id bigint; now timestamptz. Returns: nothing. Locks: the items; release the ledger's rows before. Index: primary key.
UPDATE sync_run_items SET
    state = 'cancelled',
    error_code = 'cancelled',
    ended_at = %(now)s
WHERE run_id = %(run_id)s AND state = 'planned'
