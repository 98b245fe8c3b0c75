-- What: gives up this process's lead, so that another takes it at its next beat.
-- Parameters: name, holder text. Returns: nothing. Locks: the leader's row.
DELETE FROM oban_leaders
WHERE name = %(name)s AND node = %(holder)s
