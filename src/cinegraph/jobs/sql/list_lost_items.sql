-- Open items of running runs that no live job is at.
-- The key names the work as the jobs do: a film is fetched once for all runs, a page, a range and an export belong to
-- their run. One sort instead of a join, whose plan would hang on how stale the statistics are.
-- Parameters: limit integer. Returns: run_id, kind, external_id, round, and what kind of run it is.
-- Index: sync_run_items_unfinished_index; of the jobs all live ones are read.
SELECT found.run_id, found.kind, found.external_id, found.round, run.kind
FROM (
    SELECT work.*, bool_or(work.is_job) OVER (PARTITION BY work.key) AS has_job
    FROM (
        SELECT
            run_id, kind, external_id, round, false AS is_job,
            concat_ws(' ', kind, external_id, CASE WHEN kind NOT IN ('movie', 'omdb', 'find', 'person', 'collaborations', 'enrichment') THEN run_id END) COLLATE "C" AS key
        FROM sync_run_items
        WHERE state = 'open' AND run_id IN (SELECT id FROM sync_runs WHERE state = 'running')
        UNION ALL
        SELECT
            NULL, NULL, NULL, NULL, true,
            CASE
                WHEN meta ? 'item' THEN meta ->> 'item'
                WHEN queue = 'omdb' THEN concat_ws(' ', 'omdb', meta ->> 'tmdb_id')
                WHEN queue = 'enrichment' THEN concat_ws(' ', args ->> 'enrichment', meta ->> 'tmdb_id')
                WHEN queue = 'maintenance' THEN concat_ws(' ', 'export', 1, args ->> 'run_id')
                WHEN args ->> 'source' = 'all' AND args ? 'start_id'
                    THEN concat_ws(' ', 'id_range', args ->> 'start_id', args ->> 'run_id')
                WHEN args ? 'page' THEN concat_ws(' ', args ->> 'source' || '_page', args ->> 'page', args ->> 'run_id')
                ELSE concat_ws(' ', 'movie', coalesce(meta ->> 'tmdb_id', args ->> 'tmdb_id'))
            END
        FROM oban_jobs
        WHERE queue IN ('discovery', 'imports', 'updates', 'omdb', 'festivals', 'enrichment', 'maintenance')
          AND state IN ('available', 'scheduled', 'executing', 'retryable', 'suspended')
    ) AS work
) AS found
INNER JOIN sync_runs AS run ON run.id = found.run_id
WHERE NOT found.is_job AND NOT found.has_job
ORDER BY found.run_id, found.kind, found.external_id
LIMIT %(limit)s
