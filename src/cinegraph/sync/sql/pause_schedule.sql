-- Let a schedule rest, or go on with its next slot; one that does not rest keeps its time.
-- Parameters: name text; is_paused boolean; next_at, now timestamptz. Returns: nothing. Locks: the row.
INSERT INTO schedules AS known (name, next_at, is_paused, updated_at)
VALUES (%(name)s, %(next_at)s, %(is_paused)s, %(now)s)
ON CONFLICT (name) DO UPDATE SET
    is_paused = excluded.is_paused,
    next_at = CASE WHEN known.is_paused AND NOT excluded.is_paused THEN excluded.next_at ELSE known.next_at END,
    updated_at = excluded.updated_at
