-- Count the films that are stored and not gone, by the ledger's own counts.
-- Parameters: source, kind text. Returns: one row: films. Locks: none.
SELECT coalesce(sum(total.things), 0)::bigint AS films
FROM sync_ledger_totals AS total
WHERE total.source = %(source)s AND total.kind = %(kind)s AND total.state <> 'absent' AND total.checked_on IS NOT NULL
