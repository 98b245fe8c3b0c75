-- Stamp stored films whose votes stood in a list. That proves nothing else: what is wanted, queued or denied stays so, what
-- changed upstream or is due for another reason than its votes stays due.
-- Parameters: source, kind text; ids, changed_ids bigint[]; now timestamptz; popular_from double precision: the popularity
-- from which a film comes due after update_days double precision.
-- Returns: nothing. Locks: the rows, in order of id. Index: primary key; unique tmdb_id.
WITH look AS MATERIALIZED (
    SELECT * FROM plan_looks(%(source)s, %(kind)s, %(ids)s::bigint[], %(now)s, %(popular_from)s, %(update_days)s)
), listed AS MATERIALIZED (
    SELECT entry.ctid AS place, look.*
    FROM sync_ledger AS entry
    INNER JOIN look ON look.external_id = entry.external_id
    WHERE entry.source = %(source)s
      AND entry.kind = %(kind)s
      AND entry.external_id = ANY (%(ids)s::bigint[])
      AND entry.state = 'fresh'
      AND entry.checked_at IS NOT NULL
    ORDER BY entry.external_id
    FOR NO KEY UPDATE OF entry
)
UPDATE sync_ledger AS entry SET
    votes_at = greatest(entry.votes_at, %(now)s),
    watched_days = listed.watched_days,
    moves = listed.moves,
    moved_days = listed.moved_days,
    changed_at = CASE WHEN entry.external_id = ANY (%(changed_ids)s::bigint[]) THEN %(now)s ELSE entry.changed_at END,
    due_at = CASE
        WHEN entry.changed_upstream_at IS NULL AND entry.reason = 'routine' THEN listed.due_at
        ELSE entry.due_at
    END
FROM listed
WHERE entry.ctid = listed.place
