-- Allow all that is held back.
-- Parameters: who text; now timestamptz. Returns: nothing; its row count is how many. Locks: the rows.
UPDATE held_burials SET allowed_at = %(now)s, allowed_by = %(who)s WHERE allowed_at IS NULL
