-- How many stored films a list of this kind should name.
-- Parameters: is_adult boolean. Returns: one count. Reads movies whole: asked before the first list only.
SELECT count(*)
FROM movies
WHERE tmdb_id IS NOT NULL AND is_adult = %(is_adult)s
