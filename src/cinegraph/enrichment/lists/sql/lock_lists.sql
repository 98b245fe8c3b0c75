-- Take the turn at the members of lists. Parameters: ids bigint[]. Returns: id, key. Locks: the rows, in order of id.
-- Index: primary key.
SELECT id, key FROM lists WHERE id = ANY (%(ids)s::bigint[]) ORDER BY id FOR NO KEY UPDATE
