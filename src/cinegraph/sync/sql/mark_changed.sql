-- Mark what a feed names as changed and let it be due; what was never fetched, and nobody wants, stays so.
-- Parameters: source, kind, reason text; ids bigint[] (sorted), due_ats timestamptz[], are_anew boolean[]: whether it is a
-- change that no reading showed before; day date, day_start timestamptz: of the feed, whose row is as it was before this
-- reading; began_at timestamptz: of the reading that names them. Returns: nothing; its row count is how many. Locks: the rows, in order of id. Index: primary key.
WITH given AS (
    SELECT id, due_at, is_anew
    FROM unnest(%(ids)s::bigint[], %(due_ats)s::timestamptz[], %(are_anew)s::boolean[]) AS given (id, due_at, is_anew)
), before AS MATERIALIZED (
    SELECT coalesce((
        SELECT read_at FROM change_windows WHERE source = %(source)s AND kind = %(kind)s AND day = %(day)s
    ), %(day_start)s) AS read_at
), locked AS MATERIALIZED (
    SELECT entry.external_id, given.due_at, given.is_anew
    FROM sync_ledger AS entry
    INNER JOIN given ON given.id = entry.external_id
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND (entry.state <> 'wanted' OR entry.checked_at IS NOT NULL)
      -- It may have been fetched since it was looked at.
      AND (entry.checked_at IS NULL OR entry.checked_at < %(began_at)s)
    ORDER BY entry.external_id
    FOR NO KEY UPDATE OF entry
)
UPDATE sync_ledger AS entry SET
    changed_upstream_at = greatest(entry.changed_upstream_at, %(began_at)s),
    unchanged_until = CASE
        WHEN entry.unchanged_until IS NOT NULL OR NOT locked.is_anew THEN entry.unchanged_until
        ELSE greatest(
            (SELECT read_at FROM before),
            (SELECT movies.created_at FROM movies WHERE movies.tmdb_id = entry.external_id)
        )
    END,
    due_at = least(entry.due_at, locked.due_at),
    -- Of what is queued, too: the mark may outlast the job that is at it.
    reason = %(reason)s
FROM locked
WHERE entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = locked.external_id
