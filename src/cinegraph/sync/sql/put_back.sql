-- Put things back that could not be asked for now: due at a later time, for no run, no attempt counted.
-- Parameters: source, kind, reason text; ids bigint[]; due_at timestamptz.
-- Returns: nothing. Locks: the rows, in order of id. Index: primary key.
WITH locked AS MATERIALIZED (
    SELECT external_id
    FROM sync_ledger
    WHERE source = %(source)s AND kind = %(kind)s AND external_id = ANY (%(ids)s::bigint[])
    ORDER BY external_id
    FOR NO KEY UPDATE
)
UPDATE sync_ledger AS entry SET
    state = state_before(entry),
    -- The run it was taken for may end before it is due, and the feeder asks only for runs that go on.
    run_id = 0,
    due_at = %(due_at)s,
    reason = %(reason)s
WHERE entry.source = %(source)s
  AND entry.kind = %(kind)s
  AND entry.external_id = ANY (ARRAY(SELECT external_id FROM locked))
