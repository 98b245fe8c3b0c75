-- Have categories, and remember what they are called. A name that is known stays with its category.
-- Parameters: organization_id bigint; year smallint; names, classes text[], are_competitive boolean[]: of categories;
-- category_names, folded, called, sources text[]: what each is called, by whom.
-- Returns: id, name of each category given. Locks: the rows; the caller has locked an edition of the festival.
WITH given AS MATERIALIZED (
    SELECT *
    FROM unnest(%(names)s::text[], %(classes)s::text[], %(are_competitive)s::boolean[]) AS given (name, class, is_competitive)
), categories AS (
    INSERT INTO festival_categories AS known (organization_id, name, class, is_competitive)
    SELECT %(organization_id)s, given.name, given.class, given.is_competitive
    FROM given
    ORDER BY given.name
    ON CONFLICT (organization_id, name) DO UPDATE SET class = excluded.class
    WHERE known.class IS NULL AND excluded.class IS NOT NULL
    RETURNING known.id, known.name
), every AS MATERIALIZED (
    SELECT id, name FROM categories
    UNION
    SELECT known.id, known.name
    FROM given
    INNER JOIN festival_categories AS known
        ON known.organization_id = %(organization_id)s AND known.name = given.name
), named AS (
    INSERT INTO festival_category_names AS known (
        organization_id, folded, category_id, name, source, first_year, last_year
    )
    SELECT DISTINCT ON (said.folded)
        %(organization_id)s, said.folded, categories.id, said.called, said.source, %(year)s, %(year)s
    FROM unnest(%(category_names)s::text[], %(folded)s::text[], %(called)s::text[], %(sources)s::text[])
        AS said (category, folded, called, source)
    INNER JOIN every AS categories ON categories.name = said.category
    ORDER BY said.folded
    ON CONFLICT (organization_id, folded) DO UPDATE SET
        first_year = least(known.first_year, excluded.first_year),
        last_year = greatest(known.last_year, excluded.last_year)
    WHERE excluded.first_year < known.first_year OR excluded.last_year > known.last_year
)
SELECT id, name FROM every
