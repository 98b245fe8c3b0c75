-- All lists. Parameters: none. Returns: id, key, name, source, location of each, by key. Index: none, there are few.
SELECT id, key, name, source, location FROM lists ORDER BY key
