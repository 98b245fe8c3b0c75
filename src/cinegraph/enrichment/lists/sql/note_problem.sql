-- Note why a list could not be read, or not be believed. Parameters: id bigint; state, problem text; now timestamptz.
-- Returns: nothing. Locks: the row. Index: primary key.
UPDATE lists SET state = %(state)s, problem = %(problem)s, checked_at = %(now)s
WHERE id = %(id)s
