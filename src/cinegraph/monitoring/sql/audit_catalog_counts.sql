-- Counts of the large tables that are not those of their rows.
-- Returns: one row: offenders (tables), example. Locks: none.
WITH counted AS (
    SELECT 'movies' AS name, count(*) AS rows FROM movies
    UNION ALL SELECT 'people', count(*) FROM people
    UNION ALL SELECT 'credits', count(*) FROM credits
)
SELECT
    count(*) AS offenders,
    min(format('%%s: %%s rows, counted %%s', counted.name, counted.rows, coalesce(kept.rows, 0))) AS example
FROM counted
LEFT JOIN catalog_totals AS kept USING (name)
WHERE counted.rows <> coalesce(kept.rows, 0)
