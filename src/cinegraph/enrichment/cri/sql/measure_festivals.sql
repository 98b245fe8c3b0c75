-- The festivals whose editions are stored. Parameters: held_categories bigint[] (that do not count).
-- Returns: key, prestige, first and last (year of the films they honour). Index: festival_nominations_category_index.
SELECT
    festival.key, festival.prestige::double precision,
    (min(edition.year) - CASE festival.eligibility WHEN 'year_before' THEN 1 ELSE 0 END)::integer,
    (max(edition.year) - CASE festival.eligibility WHEN 'year_before' THEN 1 ELSE 0 END)::integer
FROM festival_organizations AS festival
INNER JOIN festival_ceremonies AS edition ON edition.organization_id = festival.id
WHERE EXISTS (
    SELECT
    FROM festival_nominations AS nomination
    WHERE nomination.ceremony_id = edition.id AND nomination.category_id <> ALL (%(held_categories)s::bigint[])
)
GROUP BY festival.id
ORDER BY festival.key
