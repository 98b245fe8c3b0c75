-- Forget a list, with its members and their history. Parameters: key text. Returns: nothing. Locks: the rows.
-- Index: unique key.
DELETE FROM lists WHERE key = %(key)s
