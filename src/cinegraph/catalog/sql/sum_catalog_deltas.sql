-- Add what transactions have appended to the counts of the large tables.
-- Parameters: none. Returns: nothing. Locks: the counts, in order; deltas that others are summing up are left.
WITH taken AS (
    DELETE FROM catalog_deltas
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM catalog_deltas LIMIT 20000 FOR UPDATE SKIP LOCKED))
    RETURNING name, rows
)
INSERT INTO catalog_counts AS counted (name, rows)
SELECT name, sum(rows)
FROM taken
GROUP BY name
ORDER BY name
ON CONFLICT (name) DO UPDATE SET rows = counted.rows + excluded.rows
