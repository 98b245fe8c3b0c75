-- Let nobody else change nominations until the transaction ends. Parameters: nomination_ids bigint[]. Returns: id.
-- Locks: the rows, in order of id: before their films and people, as storing an edition does. Index: primary key.
SELECT id
FROM festival_nominations
WHERE id = ANY (%(nomination_ids)s::bigint[])
ORDER BY id
FOR NO KEY UPDATE
