-- Let nobody else change or delete the nominations that storing an edition writes until the transaction ends: its own, and those of
-- categories that become another one, of all editions.
-- Parameters: ceremony_id, organization_id bigint; categories text[]: canonical names of those that become another one.
-- Returns: id. Locks: the rows, in order of id, as lock_nominations.sql; the caller has locked the edition and its festival.
-- Index: festival_nominations by ceremony and by category; unique organization and name.
WITH written AS MATERIALIZED (
    SELECT nomination.id
    FROM festival_nominations AS nomination
    WHERE nomination.ceremony_id = %(ceremony_id)s
    UNION
    SELECT nomination.id
    FROM festival_categories AS category
    INNER JOIN festival_nominations AS nomination ON nomination.category_id = category.id
    WHERE category.organization_id = %(organization_id)s AND category.name = ANY (%(categories)s::text[])
)
SELECT nomination.id
FROM festival_nominations AS nomination
INNER JOIN written ON written.id = nomination.id
ORDER BY nomination.id
FOR UPDATE OF nomination
