-- Have categories. Parameters: organization_id bigint; names, classes text[], are_competitive boolean[].
-- Returns: nothing. Locks: the rows that are new, in order of name; who writes the same ones is waited for. Index: unique key.
INSERT INTO festival_categories AS known (organization_id, name, class, is_competitive)
SELECT %(organization_id)s, given.name, given.class, given.is_competitive
FROM unnest(%(names)s::text[], %(classes)s::text[], %(are_competitive)s::boolean[]) AS given (name, class, is_competitive)
ORDER BY given.name
ON CONFLICT (organization_id, name) DO UPDATE SET class = excluded.class
WHERE known.class IS NULL AND excluded.class IS NOT NULL
