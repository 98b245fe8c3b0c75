-- How often fetching a thing has failed since its last answer.
-- Parameters: source, kind text; external_id bigint.
-- Returns: attempts, no row when the thing is new. Locks: the row until the end of the transaction.
SELECT attempts
FROM sync_ledger
WHERE source = %(source)s AND kind = %(kind)s AND external_id = %(external_id)s
FOR NO KEY UPDATE
