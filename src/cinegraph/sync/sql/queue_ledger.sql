-- Note that jobs are being made for some things.
-- Parameters: source, kind, reason text; ids bigint[] (sorted); now timestamptz.
-- Returns: nothing. Locks: the rows, in order of id. Index: primary key.
INSERT INTO sync_ledger AS known (source, kind, external_id, state, reason, created_at, queued_at)
SELECT %(source)s, %(kind)s, given.id, 'queued', %(reason)s, %(now)s, %(now)s
FROM unnest(%(ids)s::bigint[]) AS given (id)
ORDER BY given.id
ON CONFLICT (source, kind, external_id) DO UPDATE SET
    state = 'queued',
    reason = excluded.reason,
    queued_at = excluded.queued_at
WHERE known.state IN ('wanted', 'failed')
