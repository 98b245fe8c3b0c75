-- Note that a list was read and taken for true. Parameters: id bigint; remarks text[]; is_changed boolean; now timestamptz.
-- Returns: nothing. Locks: the row. Index: primary key.
UPDATE lists SET
    state = 'current',
    problem = NULL,
    remarks = %(remarks)s::text[],
    checked_at = %(now)s,
    read_at = %(now)s,
    changed_at = CASE WHEN %(is_changed)s THEN %(now)s ELSE changed_at END
WHERE id = %(id)s
