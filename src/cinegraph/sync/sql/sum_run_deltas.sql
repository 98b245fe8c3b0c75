-- Add what transactions have appended to the counts of the runs.
-- Parameters: none. Returns: nothing. Locks: the counts, in order; deltas that others are summing up are left.
WITH taken AS (
    DELETE FROM sync_run_deltas
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM sync_run_deltas LIMIT 20000 FOR UPDATE SKIP LOCKED))
    RETURNING run_id, kind, state, minute, items
), by_minute AS (
    INSERT INTO sync_run_minutes AS counted (run_id, kind, state, minute, items)
    SELECT run_id, kind, state, minute, sum(items)
    FROM taken
    WHERE minute IS NOT NULL
    GROUP BY run_id, kind, state, minute
    ORDER BY run_id, kind, state, minute
    ON CONFLICT (run_id, kind, state, minute) DO UPDATE SET items = counted.items + excluded.items
)
INSERT INTO sync_run_counts AS counted (run_id, kind, state, items)
SELECT run_id, kind, state, sum(items)
FROM taken
GROUP BY run_id, kind, state
ORDER BY run_id, kind, state
ON CONFLICT (run_id, kind, state) DO UPDATE SET items = counted.items + excluded.items
