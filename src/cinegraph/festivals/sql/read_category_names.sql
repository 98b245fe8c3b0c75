-- What a festival's categories are called. Parameters: organization_id bigint. Returns: folded, name (canonical), lone_source (the only
-- source that calls the category anything, null where there are several). Locks: none. Index: primary keys.
SELECT
    called.folded, category.name,
    CASE
        WHEN min(called.source) OVER of_category = max(called.source) OVER of_category THEN called.source
    END AS lone_source
FROM festival_category_names AS called
INNER JOIN festival_categories AS category ON category.id = called.category_id
WHERE called.organization_id = %(organization_id)s
WINDOW of_category AS (PARTITION BY called.category_id)
