-- What: the first id from which on jobs were made at or after a moment, by halving: ids grow with time, but for transactions that
-- overlap. Parameters: at timestamptz. Returns: one row: id; one more than the largest when all are older, null without jobs.
-- Locks: none. Index: primary key, twice for each halving.
WITH RECURSIVE ends AS (
    SELECT min(id) AS low, max(id) + 1 AS high FROM oban_jobs
),
halves AS (
    SELECT low, high FROM ends WHERE low IS NOT NULL
    UNION ALL
    SELECT
        CASE WHEN middle.is_before THEN middle.id + 1 ELSE halves.low END,
        CASE WHEN middle.is_before THEN halves.high ELSE (halves.low + halves.high) / 2 END
    FROM halves
    CROSS JOIN LATERAL (
        SELECT id, inserted_at < %(at)s::timestamptz AT TIME ZONE 'UTC' AS is_before
        FROM oban_jobs
        WHERE id >= (halves.low + halves.high) / 2
        ORDER BY id
        LIMIT 1
    ) AS middle
    WHERE halves.low < halves.high
)
SELECT min(high) FROM halves
