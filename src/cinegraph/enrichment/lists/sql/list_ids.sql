-- All lists. Parameters: none. Returns: id, ascending. Locks: none.
SELECT id FROM lists ORDER BY id
