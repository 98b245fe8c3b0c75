-- Which of some things the source has not answered for yet.
-- Parameters: source, kind text; ids bigint[]. Returns: their ids, ascending. Locks: none. Index: primary key.
SELECT given.id
FROM unnest(%(ids)s::bigint[]) AS given (id)
LEFT JOIN sync_ledger AS entry
    ON entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = given.id
WHERE entry.external_id IS NULL OR entry.state NOT IN ('fresh', 'empty', 'absent')
ORDER BY given.id
