-- Keep a run from being paused, cancelled or ended until this transaction is over.
-- Parameters: run_id bigint. Returns: its id, no row when it has ended.
-- Locks: the run, shared; before the rows of the ledger and the items, as who cancels it does.
SELECT id
FROM sync_runs
WHERE id = %(run_id)s AND state IN ('running', 'paused')
FOR SHARE
