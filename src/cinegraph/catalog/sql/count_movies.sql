-- How many films are stored, those that are gone among them; kept by triggers. Parameters: none. Returns: rows.
-- Locks: none.
SELECT coalesce(sum(rows), 0)::bigint AS rows FROM catalog_totals WHERE name = 'movies'
