-- Add what transactions have appended to the counts of the ledger.
-- Parameters: none. Returns: nothing. Locks: the counts, in order; deltas that others are summing up are left.
WITH taken AS (
    DELETE FROM sync_ledger_deltas
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM sync_ledger_deltas LIMIT 20000 FOR UPDATE SKIP LOCKED))
    RETURNING source, kind, state, checked_on, things
)
INSERT INTO sync_ledger_counts AS counted (source, kind, state, checked_on, things)
SELECT source, kind, state, checked_on, sum(things)
FROM taken
GROUP BY source, kind, state, checked_on
ORDER BY source, kind, state, checked_on
ON CONFLICT (source, kind, state, checked_on) DO UPDATE SET things = counted.things + excluded.things
