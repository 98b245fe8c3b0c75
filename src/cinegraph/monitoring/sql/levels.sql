-- The service levels' own numbers in one row.
-- Parameters: source text; now timestamptz.
-- Returns: films_last_hour, films_last_minute: stored, each run's items counted; asked, succeeded, failed: items of the
--   runs of the last 7 days (open for over 24 h is failed, open for less is neither); films, checked_last_week.
-- Locks: none.
WITH recent AS MATERIALIZED (
    SELECT run.id, run.started_at < %(now)s - interval '24 hours' AS is_late
    FROM sync_runs AS run
    WHERE run.source = %(source)s AND run.started_at > %(now)s - interval '7 days'
),
asked AS (
    SELECT
        count(*) AS asked,
        count(*) FILTER (WHERE item.state IN ('done', 'absent')) AS succeeded,
        count(*) FILTER (
            WHERE item.state IN ('failed', 'quarantined') OR (item.state IN ('open', 'waiting') AND recent.is_late)
        ) AS failed,
        count(*) FILTER (WHERE item.state = 'done' AND item.ended_at > %(now)s - interval '1 hour') AS films_last_hour,
        count(*) FILTER (WHERE item.state = 'done' AND item.ended_at > %(now)s - interval '1 minute') AS films_last_minute
    FROM recent
    INNER JOIN sync_run_items AS item ON item.run_id = recent.id AND item.kind = 'movie'
)
SELECT
    asked.asked,
    asked.succeeded,
    asked.failed,
    asked.films_last_hour,
    asked.films_last_minute,
    (SELECT count(*) FROM movies) AS films,
    (
        SELECT count(*) FROM sync_ledger
        WHERE source = %(source)s AND kind = 'movie' AND state = 'fresh' AND checked_at > %(now)s - interval '7 days'
    ) AS checked_last_week
FROM asked
