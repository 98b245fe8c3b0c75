-- Make one category of two: the one goes on under the name of the other, with its nominations and what it is called.
-- Parameters: organization_id bigint; before, after text: canonical names. Returns: nothing. Locks: the categories and their
-- names; the caller has locked the nominations: those of other editions are among them. Index: unique organization and name; category.
WITH before AS MATERIALIZED (
    SELECT id FROM festival_categories WHERE organization_id = %(organization_id)s AND name = %(before)s FOR UPDATE
), after AS MATERIALIZED (
    SELECT id FROM festival_categories WHERE organization_id = %(organization_id)s AND name = %(after)s FOR UPDATE
), moved AS (
    UPDATE festival_nominations AS nomination SET category_id = after.id
    FROM before, after
    WHERE nomination.category_id = before.id
), renamed AS (
    UPDATE festival_category_names AS called SET category_id = after.id
    FROM before, after
    WHERE called.category_id = before.id
), gone AS (
    DELETE FROM festival_categories AS category
    USING before, after
    WHERE category.id = before.id
)
UPDATE festival_categories AS category SET name = %(after)s
FROM before
WHERE category.id = before.id AND NOT EXISTS (SELECT FROM after)
