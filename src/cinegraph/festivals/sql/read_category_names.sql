-- What categories of a festival are called. Parameters: organization_id bigint. Returns: folded, name (over all years).
-- Locks: none. Index: primary keys.
SELECT known.folded, category.name
FROM festival_category_names AS known
INNER JOIN festival_categories AS category ON category.id = known.category_id
WHERE known.organization_id = %(organization_id)s
