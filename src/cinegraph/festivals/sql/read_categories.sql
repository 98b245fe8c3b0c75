-- Categories by name. Parameters: organization_id bigint; names text[]. Returns: id, name. Locks: none. Index: unique key.
SELECT id, name
FROM festival_categories
WHERE organization_id = %(organization_id)s AND name = ANY (%(names)s::text[])
