-- Open items of running runs that no live job is at.
-- The key of an item names the work as the arguments of ImportMovie (a film is fetched once for all runs) and of
-- DiscoverMovies (a page belongs to its run) do.
-- Parameters: limit integer. Returns: run_id, kind, external_id, round.
-- Index: sync_run_items_unfinished_index; of the jobs all live ones are read.
WITH live AS MATERIALIZED (
    SELECT
        CASE
            WHEN args ? 'page' THEN concat_ws(' ', args ->> 'source' || '_page', args ->> 'page', args ->> 'run_id')
            ELSE concat_ws(' ', 'movie', args ->> 'tmdb_id')
        END AS key
    FROM oban_jobs
    WHERE queue IN ('discovery', 'imports')
      AND state IN ('available', 'scheduled', 'executing', 'retryable', 'suspended')
)
SELECT item.run_id, item.kind, item.external_id, item.round
FROM sync_run_items AS item
JOIN sync_runs AS run ON run.id = item.run_id AND run.state = 'running'
WHERE item.state = 'open'
  AND NOT EXISTS (
      SELECT
      FROM live
      WHERE live.key = concat_ws(
          ' ', item.kind, item.external_id::text, CASE WHEN item.kind <> 'movie' THEN item.run_id::text END
      )
  )
ORDER BY item.run_id, item.kind, item.external_id
LIMIT %(limit)s
