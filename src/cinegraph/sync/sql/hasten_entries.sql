-- Let things come due now that are fresh, unless they were looked at lately.
-- Parameters: source, kind, reason text; ids bigint[]; unless_after, now timestamptz.
-- Returns: nothing; its row count is how many. Locks: the rows, in order of id. Index: primary key.
WITH locked AS MATERIALIZED (
    SELECT external_id
    FROM sync_ledger
    WHERE source = %(source)s
      AND kind = %(kind)s
      AND external_id = ANY (%(ids)s::bigint[])
      AND state = 'fresh'
      AND due_at > %(now)s
      AND greatest(votes_at, checked_at) < %(unless_after)s
    ORDER BY external_id
    FOR NO KEY UPDATE
)
UPDATE sync_ledger AS entry SET due_at = %(now)s, reason = %(reason)s
FROM locked
WHERE entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = locked.external_id
