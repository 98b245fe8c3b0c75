-- What: deletes the days that are older than the retention.
-- Parameters: before timestamptz (Cinegraph's).
-- Returns: the number of deleted rows. Locks: the deleted rows. Idempotent.
WITH gone AS (
    DELETE FROM quota_days WHERE day_ended_at < %(before)s RETURNING 1
)
SELECT count(*) FROM gone
