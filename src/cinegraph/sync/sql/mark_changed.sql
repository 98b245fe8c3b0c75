-- Mark what a feed names as changed and let it be due; what nobody wants fetched stays so.
-- Parameters: source, kind, reason text; ids bigint[] (sorted), due_ats timestamptz[]; began_at timestamptz: of the
-- reading that names them. Returns: nothing; its row count is how many. Locks: the rows, in order of id. Index: primary key.
WITH given AS (
    SELECT id, due_at
    FROM unnest(%(ids)s::bigint[], %(due_ats)s::timestamptz[]) AS given (id, due_at)
), locked AS MATERIALIZED (
    SELECT entry.external_id, given.due_at
    FROM sync_ledger AS entry
    INNER JOIN given ON given.id = entry.external_id
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.state <> 'wanted'
      -- It may have been fetched since it was looked at.
      AND (entry.checked_at IS NULL OR entry.checked_at < %(began_at)s)
    ORDER BY entry.external_id
    FOR NO KEY UPDATE OF entry
)
UPDATE sync_ledger AS entry SET
    changed_upstream_at = greatest(entry.changed_upstream_at, %(began_at)s),
    due_at = least(entry.due_at, locked.due_at),
    reason = CASE WHEN entry.state = 'queued' THEN entry.reason ELSE %(reason)s END
FROM locked
WHERE entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = locked.external_id
