-- How far a rebuild is.
-- Parameters: run_id bigint. Returns: state; documents, rebuilt, failed; ranges not finished. Locks: none.
SELECT
    run.state,
    coalesce(sum(shard.documents), 0)::bigint,
    coalesce(sum(shard.rebuilt), 0)::bigint,
    coalesce(sum(shard.failed), 0)::bigint,
    count(shard.shard) FILTER (WHERE shard.finished_at IS NULL)
FROM sync_runs AS run
LEFT JOIN rebuild_shards AS shard ON shard.run_id = run.id
WHERE run.id = %(run_id)s
GROUP BY run.state
