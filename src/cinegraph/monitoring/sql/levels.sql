-- The service levels' own numbers in one row.
-- Parameters: source text; now timestamptz; latency_goal interval: of updates of popular films; popular_from double
--   precision: the popularity from which a film is one, where no list was merged.
-- Returns: films_last_hour, films_last_minute: stored, each run's items counted; succeeded, failed: films whose last answer
--   came in the last 7 days, and those that have none for their last request or have been waiting for one for over 24 h;
--   films: live and to be here; fetched_last_week and films_fresh (these, and those that the changes feed proves
--   unchanged) of them; feed_watermark, feed_read_at, null where no feed was ever read; update_p95_seconds of the last 7 days, of
--   updates_measured popular films, updates_late of which still wait for longer than the goal, last_update_at; has_backlog:
--   whether a running run plans a film that is wanted now.
-- Locks: none. Index: sync_run_items_ended_index, sync_ledger_changed_index, sync_ledger_known_index.
WITH week AS MATERIALIZED (
    -- The first UTC day that lies wholly within 7 days, because only whole days are counted up.
    SELECT ((%(now)s::timestamptz AT TIME ZONE 'UTC') - interval '7 days' - interval '1 microsecond')::date + 1 AS first_day
), recent AS MATERIALIZED (
    SELECT run.id
    FROM sync_runs AS run
    WHERE run.source = %(source)s AND run.started_at > %(now)s - interval '7 days'
), asked AS (
    -- By things, whoever asked: a run, the feed, or nobody. What failed is asked for weekly at the seldomest.
    SELECT
        coalesce(sum(total.things) FILTER (
            WHERE total.state IN ('fresh', 'empty', 'absent') AND total.checked_on >= week.first_day
        ), 0)::bigint AS succeeded,
        coalesce(sum(total.things) FILTER (WHERE total.state IN ('failed', 'quarantined')), 0)::bigint AS failed,
        (
            SELECT count(*) FROM sync_ledger
            WHERE source = %(source)s AND kind = 'movie' AND state = 'queued'
              AND queued_at < %(now)s - interval '24 hours'
        ) AS late
    FROM week
    LEFT JOIN sync_ledger_totals AS total ON total.source = %(source)s AND total.kind = 'movie'
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
), proof AS MATERIALIZED (
    -- One row, also where no feed was ever read.
    SELECT
        max(feed.watermark) AS watermark,
        max(feed.read_at) AS read_at,
        -- Films fetched since this day are proven unchanged, unless the feed has named them; infinity: none is.
        coalesce(
            max(feed.unbroken_from) FILTER (WHERE feed.watermark >= week.first_day),
            'infinity'
        ) AS fetched_from
    FROM week
    LEFT JOIN change_feed AS feed ON feed.source = %(source)s AND feed.kind = 'movie'
), live AS MATERIALIZED (
    -- Exact and quick at any size: the counts are kept by state and UTC day of the last check.
    SELECT
        coalesce(sum(total.things), 0)::bigint - (
            -- Known by a list and wanted by nobody: they are not to be here.
            SELECT count(*) FROM sync_ledger
            WHERE source = %(source)s AND kind = 'movie' AND state = 'wanted' AND due_at IS NULL
              AND checked_at IS NULL
        ) AS films,
        coalesce(sum(total.things) FILTER (WHERE total.checked_on >= week.first_day), 0)::bigint AS fetched_last_week,
        coalesce(sum(total.things) FILTER (
            WHERE total.checked_on >= least(week.first_day, proof.fetched_from)
        ), 0)::bigint AS films_fresh
    FROM week
    CROSS JOIN proof
    LEFT JOIN sync_ledger_totals AS total
        ON total.source = %(source)s AND total.kind = 'movie' AND total.state <> 'absent'
    GROUP BY week.first_day, proof.fetched_from
), named AS MATERIALIZED (
    -- Fetched before the week, and named by the feed since: nothing is proven of them.
    SELECT count(*) AS films
    FROM week
    CROSS JOIN proof
    INNER JOIN sync_ledger AS entry
        ON entry.source = %(source)s
       AND entry.kind = 'movie'
       AND entry.changed_upstream_at IS NOT NULL
       AND entry.state <> 'absent'
       AND checked_on(entry.checked_at) >= proof.fetched_from
       AND checked_on(entry.checked_at) < week.first_day
), waits AS MATERIALIZED (
    SELECT seconds, updated_at, false AS is_late
    FROM update_latencies
    WHERE source = %(source)s AND kind = 'movie' AND updated_at > %(now)s - interval '7 days'
    UNION ALL
    -- What still waits counts by how long it has waited, once that is too long.
    SELECT extract(epoch FROM %(now)s - entry.unchanged_until), NULL, true
    FROM sync_ledger AS entry
    INNER JOIN movies ON movies.tmdb_id = entry.external_id
    WHERE entry.source = %(source)s
      AND entry.kind = 'movie'
      AND entry.changed_upstream_at IS NOT NULL
      AND entry.unchanged_until < %(now)s - %(latency_goal)s::interval
      AND movies.popularity >= coalesce((
          SELECT export.popular_from FROM export_snapshots AS export
          WHERE export.source = %(source)s AND export.kind = 'movie' AND export.state = 'merged'
          ORDER BY export.listed_on DESC
          LIMIT 1
      ), %(popular_from)s)
), latency AS (
    SELECT
        percentile_disc(0.95) WITHIN GROUP (ORDER BY seconds)::double precision AS p95_seconds,
        count(*) AS measured,
        count(*) FILTER (WHERE is_late) AS late,
        max(updated_at) AS last_at
    FROM waits
)
SELECT
    latency.p95_seconds AS update_p95_seconds,
    latency.measured AS updates_measured,
    latency.late AS updates_late,
    latency.last_at AS last_update_at,
    EXISTS (
        SELECT FROM sync_ledger
        WHERE source = %(source)s AND kind = 'movie' AND state = 'wanted' AND due_at <= %(now)s
          AND run_id = ANY (ARRAY(SELECT id FROM sync_runs WHERE state = 'running'))
    ) AS has_backlog,
    asked.succeeded,
    asked.failed + asked.late AS failed,
    stored.last_hour AS films_last_hour,
    stored.last_minute AS films_last_minute,
    live.films,
    live.fetched_last_week,
    live.films_fresh - named.films AS films_fresh,
    proof.watermark AS feed_watermark,
    proof.read_at AS feed_read_at
FROM asked
CROSS JOIN latency
CROSS JOIN stored
CROSS JOIN live
CROSS JOIN named
CROSS JOIN proof
