-- What words mean in a search. Parameters: asked text.
-- Returns: query (a tsquery as text; null: there is no word in it), folded (as titles are kept). Locks: none.
SELECT search_query(%(asked)s::text)::text AS query, fold_title(%(asked)s::text) AS folded
