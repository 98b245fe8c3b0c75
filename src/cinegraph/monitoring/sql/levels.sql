-- The service levels' own numbers in one row.
-- Parameters: source text; now timestamptz.
-- Returns: films_last_hour, films_last_minute: stored, each run's items counted; asked, succeeded, failed: items of the
--   runs of the last 7 days (open for over 24 h is failed, open for less is neither; planned ones were not asked for
--   yet); films, checked_last_week.
-- Locks: none. Index: sync_run_items_ended_index.
WITH recent AS MATERIALIZED (
    SELECT run.id, run.started_at < %(now)s - interval '24 hours' AS is_late
    FROM sync_runs AS run
    WHERE run.source = %(source)s AND run.started_at > %(now)s - interval '7 days'
), asked AS (
    SELECT
        coalesce(sum(total.items) FILTER (WHERE total.state <> 'planned'), 0)::bigint AS asked,
        coalesce(sum(total.items) FILTER (WHERE total.state IN ('done', 'absent')), 0)::bigint AS succeeded,
        coalesce(sum(total.items) FILTER (
            WHERE total.state IN ('failed', 'quarantined') OR (total.state IN ('open', 'waiting') AND recent.is_late)
        ), 0)::bigint AS failed
    FROM recent
    INNER JOIN sync_run_totals AS total ON total.run_id = recent.id AND total.kind = 'movie'
), stored AS (
    SELECT
        (
            -- By whole minutes, because these are counted: at full speed an hour is a million items.
            SELECT coalesce(sum(ended.items), 0)::bigint
            FROM recent
            INNER JOIN sync_run_ended AS ended ON ended.run_id = recent.id
            WHERE ended.kind = 'movie' AND ended.state = 'done' AND ended.minute > %(now)s - interval '1 hour'
        ) AS last_hour,
        count(*) AS last_minute
    FROM recent
    CROSS JOIN LATERAL (
        -- By run, because the index of ended items begins with the run.
        SELECT found.ended_at
        FROM sync_run_items AS found
        WHERE found.run_id = recent.id
          AND found.kind = 'movie'
          AND found.state = 'done'
          AND found.ended_at > %(now)s - interval '1 minute'
    ) AS item
)
SELECT
    asked.asked,
    asked.succeeded,
    asked.failed,
    stored.last_hour AS films_last_hour,
    stored.last_minute AS films_last_minute,
    coalesce((SELECT rows FROM catalog_totals WHERE name = 'movies'), 0) AS films,
    (
        -- By UTC day, because only whole days are counted up.
        SELECT coalesce(sum(things), 0)::bigint FROM sync_ledger_totals
        WHERE source = %(source)s AND kind = 'movie' AND state = 'fresh'
          AND checked_on > ((%(now)s::timestamptz AT TIME ZONE 'UTC') - interval '7 days')::date
    ) AS checked_last_week
FROM asked
CROSS JOIN stored
