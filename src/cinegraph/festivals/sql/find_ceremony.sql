-- An edition, and whose it is. Parameters: id bigint. Returns: organization_id, year, part, number. Locks: none. Index: primary key.
SELECT organization_id, year, part, number
FROM festival_ceremonies
WHERE id = %(id)s
