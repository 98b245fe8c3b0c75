-- Take a range of a rebuild that nobody else is at; it is theirs until the end of the transaction.
-- Parameters: run_id bigint. Returns: source, kind, shard, first_id, end_id, last_id, documents, rebuilt + failed of it; no
-- row when all are finished or taken, or the run has been stopped.
-- Locks: the range. Index: primary key.
SELECT
    shard.source, shard.kind, shard.shard, shard.first_id, shard.end_id, shard.last_id, shard.documents,
    shard.rebuilt + shard.failed
FROM rebuild_shards AS shard
WHERE shard.run_id = %(run_id)s
  AND shard.finished_at IS NULL
  AND EXISTS (SELECT FROM sync_runs AS run WHERE run.id = %(run_id)s AND run.state = 'running')
-- Films come before titles: a title's rows hang on its film.
ORDER BY shard.kind, shard.shard
LIMIT 1
FOR NO KEY UPDATE OF shard SKIP LOCKED
