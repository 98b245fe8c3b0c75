-- Lock rows of the ledger before the items of runs, as storing a film does.
-- Parameters: source, kind text; ids bigint[]. Returns: nothing of use.
-- Locks: the rows, in order of id, until the end of the transaction. Index: primary key.
SELECT external_id
FROM sync_ledger
WHERE source = %(source)s AND kind = %(kind)s AND external_id = ANY (%(ids)s::bigint[])
ORDER BY external_id
FOR NO KEY UPDATE
