-- End the runs that have nothing left to do: failed when a film or another part (a list page, the export) is missing,
-- cancelled when a person cancelled all its films (or its list before there was one), else completed. Ratings that are
-- missing fail no run: their films are stored, and the ledger asks again.
-- Parameters: now timestamptz. Returns: their ids. Locks: the runs. Index: sync_runs_running_index.
WITH finished AS MATERIALIZED (
    SELECT run.id
    FROM sync_runs AS run
    WHERE run.state = 'running'
      -- Written by its own loop, not by items.
      AND run.kind <> 'rebuild'
      AND NOT EXISTS (
          SELECT FROM sync_run_totals AS total
          WHERE total.run_id = run.id AND total.state IN ('planned', 'open', 'waiting') AND total.items > 0
      )
    ORDER BY run.id
    FOR NO KEY UPDATE SKIP LOCKED
), counted AS (
    SELECT
        finished.id,
        coalesce(sum(total.items) FILTER (WHERE total.kind = 'movie'), 0) AS planned,
        coalesce(sum(total.items) FILTER (WHERE total.kind = 'movie' AND total.state = 'done'), 0) AS done,
        coalesce(sum(total.items) FILTER (WHERE total.kind = 'movie' AND total.state = 'absent'), 0) AS absent,
        coalesce(sum(total.items) FILTER (WHERE total.kind = 'movie' AND total.state = 'failed'), 0) AS failed,
        coalesce(sum(total.items) FILTER (WHERE total.kind = 'movie' AND total.state = 'quarantined'), 0) AS quarantined,
        coalesce(sum(total.items) FILTER (WHERE total.kind = 'movie' AND total.state = 'cancelled'), 0) AS films_cancelled,
        coalesce(sum(total.items) FILTER (WHERE total.kind = 'omdb' AND total.state = 'failed'), 0) AS titles_failed,
        coalesce(sum(total.items) FILTER (WHERE total.kind = 'omdb' AND total.state = 'deferred'), 0) AS titles_deferred,
        coalesce(sum(total.items) FILTER (
            WHERE total.kind = 'find' AND total.state IN ('failed', 'quarantined')
        ), 0) AS finds_missed,
        coalesce(sum(total.items) FILTER (
            WHERE total.kind = 'person' AND total.state IN ('failed', 'quarantined')
        ), 0) AS people_missed,
        coalesce(sum(total.items) FILTER (WHERE total.kind = 'export' AND total.state <> 'done'), 0) AS exports_missed,
        coalesce(sum(total.items) FILTER (
            WHERE total.kind NOT IN ('movie', 'omdb', 'find', 'person', 'collaborations', 'export') AND total.state = 'cancelled'
        ), 0) AS pages_cancelled,
        coalesce(sum(total.items) FILTER (
            WHERE total.kind NOT IN ('movie', 'omdb', 'find', 'person', 'collaborations', 'export') AND total.state NOT IN ('done', 'cancelled')
        ), 0) AS pages_missed
    FROM finished
    LEFT JOIN sync_run_totals AS total ON total.run_id = finished.id
    GROUP BY finished.id
)
UPDATE sync_runs AS run SET
    state = CASE
        WHEN counted.failed + counted.pages_missed + counted.exports_missed + counted.finds_missed > 0 THEN 'failed'
        WHEN counted.films_cancelled + counted.pages_cancelled > 0 AND counted.films_cancelled = counted.planned
            THEN 'cancelled'
        ELSE 'completed'
    END,
    note = nullif(concat_ws(
        '; ',
        run.note,
        CASE WHEN counted.exports_missed > 0 THEN 'the daily export could not be merged' END,
        CASE
            WHEN counted.pages_missed = 0 THEN NULL
            WHEN run.kind = 'enrich' THEN 'not all films could be computed'
            WHEN run.kind = 'import_festival' AND counted.pages_missed = 1 THEN '1 edition could not be read'
            WHEN run.kind = 'import_festival' THEN counted.pages_missed || ' editions could not be read'
            WHEN counted.pages_missed = 1 THEN '1 list page could not be read'
            ELSE counted.pages_missed || ' list pages could not be read'
        END,
        CASE counted.finds_missed
            WHEN 0 THEN NULL
            WHEN 1 THEN '1 film could not be looked up'
            ELSE counted.finds_missed || ' films could not be looked up'
        END,
        CASE counted.people_missed
            WHEN 0 THEN NULL
            WHEN 1 THEN '1 person could not be looked up'
            ELSE counted.people_missed || ' people could not be looked up'
        END,
        CASE counted.pages_cancelled
            WHEN 0 THEN NULL
            WHEN 1 THEN '1 list page cancelled'
            ELSE counted.pages_cancelled || ' list pages cancelled'
        END,
        CASE counted.films_cancelled
            WHEN 0 THEN NULL
            WHEN 1 THEN '1 film cancelled'
            ELSE counted.films_cancelled || ' films cancelled'
        END,
        CASE counted.titles_failed
            WHEN 0 THEN NULL
            WHEN 1 THEN 'OMDb failed for 1 film'
            ELSE 'OMDb failed for ' || counted.titles_failed || ' films'
        END,
        CASE counted.titles_deferred
            WHEN 0 THEN NULL
            WHEN 1 THEN 'OMDb of 1 film follows when its quota allows'
            ELSE 'OMDb of ' || counted.titles_deferred || ' films follows when its quota allows'
        END
    ), ''),
    planned = counted.planned,
    done = counted.done,
    absent = counted.absent,
    failed = counted.failed,
    quarantined = counted.quarantined,
    finished_at = %(now)s
FROM counted
WHERE run.id = counted.id
RETURNING run.id
