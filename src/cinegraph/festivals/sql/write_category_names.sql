-- Remember what categories are called. A name that is known stays with its category.
-- Parameters: organization_id bigint; year smallint; category_names, folded, called, sources text[]: what each is called, by whom.
-- Returns: nothing. Locks: the rows, in order of folded name. Index: unique keys.
INSERT INTO festival_category_names AS known (
    organization_id, folded, category_id, name, source, first_year, last_year
)
SELECT DISTINCT ON (said.folded)
    %(organization_id)s, said.folded, category.id, said.called, said.source, %(year)s, %(year)s
FROM unnest(%(category_names)s::text[], %(folded)s::text[], %(called)s::text[], %(sources)s::text[])
    AS said (category, folded, called, source)
INNER JOIN festival_categories AS category
    ON category.organization_id = %(organization_id)s AND category.name = said.category
ORDER BY said.folded
ON CONFLICT (organization_id, folded) DO UPDATE SET
    first_year = least(known.first_year, excluded.first_year),
    last_year = greatest(known.last_year, excluded.last_year)
WHERE excluded.first_year < known.first_year OR excluded.last_year > known.last_year
