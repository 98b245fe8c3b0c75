-- Let a schedule rest, or go on.
-- Parameters: name text; is_paused boolean; next_at, now timestamptz. Returns: nothing. Locks: the row.
INSERT INTO schedules AS known (name, next_at, is_paused, updated_at)
VALUES (%(name)s, %(next_at)s, %(is_paused)s, %(now)s)
ON CONFLICT (name) DO UPDATE SET
    is_paused = excluded.is_paused,
    next_at = CASE WHEN excluded.is_paused THEN known.next_at ELSE excluded.next_at END,
    updated_at = excluded.updated_at
