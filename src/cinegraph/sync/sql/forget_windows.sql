-- Delete days of a feed that prove nothing any more: films that were fetched before them are past their age anyway.
-- Parameters: source, kind text; before date. Returns: nothing; its row count is how many. Locks: the rows.
DELETE FROM change_windows
WHERE source = %(source)s AND kind = %(kind)s AND day < %(before)s AND state <> 'open'
