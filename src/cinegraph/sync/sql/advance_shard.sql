-- Note how far a range of a rebuild is.
-- Parameters: run_id bigint; source, kind, last_id text (null: nothing was left); shard, rebuilt, failed integer;
-- finished_at timestamptz or null. Returns: nothing. Locks: the range, which the caller has taken. Index: primary key.
UPDATE rebuild_shards SET
    last_id = coalesce(%(last_id)s, last_id),
    rebuilt = rebuilt + %(rebuilt)s,
    failed = failed + %(failed)s,
    finished_at = %(finished_at)s
WHERE run_id = %(run_id)s AND source = %(source)s AND kind = %(kind)s AND shard = %(shard)s
