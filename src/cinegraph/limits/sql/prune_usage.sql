-- What: deletes the minutes that are older than the retention.
-- Parameters: before timestamptz.
-- Returns: the number of deleted rows. Locks: the deleted rows. Index: the primary keys. Idempotent.
WITH usage AS (
    DELETE FROM request_usage WHERE minute < %(before)s RETURNING 1
),
seconds AS (
    DELETE FROM request_seconds WHERE minute < %(before)s RETURNING 1
)
SELECT (SELECT count(*) FROM usage) + (SELECT count(*) FROM seconds) AS deleted
