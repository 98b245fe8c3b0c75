-- Open items of running runs, when there are more of them than live jobs: then some have lost theirs.
-- Which ones is left to the unique key of jobs: those that have a live job refuse another.
-- Parameters: limit integer. Returns: run_id, kind, external_id, round. Index: sync_run_items_unfinished_index.
SELECT item.run_id, item.kind, item.external_id, item.round
FROM sync_run_items AS item
JOIN sync_runs AS run ON run.id = item.run_id AND run.state = 'running'
WHERE item.state = 'open'
  AND (SELECT count(*) FROM sync_run_items WHERE state = 'open') > (
      SELECT count(*)
      FROM oban_jobs
      WHERE queue IN ('discovery', 'imports')
        AND state IN ('available', 'scheduled', 'executing', 'retryable', 'suspended')
  )
ORDER BY item.run_id, item.kind, item.external_id
LIMIT %(limit)s
