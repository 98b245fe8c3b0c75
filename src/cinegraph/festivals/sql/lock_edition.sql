-- Let nobody else change or delete the nominations of an edition until the transaction ends.
-- Parameters: ceremony_id bigint. Returns: id. Locks: the rows, in order of id, as lock_nominations.sql.
-- Index: festival_nominations by ceremony.
SELECT id
FROM festival_nominations
WHERE ceremony_id = %(ceremony_id)s
ORDER BY id
FOR UPDATE
