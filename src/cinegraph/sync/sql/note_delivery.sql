-- What: writes down that news of films were taken.
-- Parameters: signature bytea; run_id bigint or null; at timestamptz (real time).
-- Returns: nothing; no row is written where they were taken already. Locks: the row.
INSERT INTO hook_deliveries (signature, received_at, run_id)
VALUES (%(signature)s, %(at)s, %(run_id)s)
ON CONFLICT (signature) DO NOTHING
