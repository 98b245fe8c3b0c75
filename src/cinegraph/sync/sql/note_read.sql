-- Note that a day of a feed was read whole; when it is done, its ids are forgotten.
-- Parameters: source, kind text; day date; is_done boolean; pages, ids, known_ids, new_ids integer; are_wanted boolean:
-- whether the new ids are known from now on, and will not be new at the next reading; doubt text or null;
-- began_at, now timestamptz. Returns: failures in a row. Locks: the row, which lock_window.sql has locked.
WITH forgotten AS (
    DELETE FROM change_window_ids
    WHERE source = %(source)s AND kind = %(kind)s AND day = %(day)s AND %(is_done)s
)
UPDATE change_windows SET
    state = CASE WHEN %(is_done)s THEN 'done' ELSE state END,
    done_at = CASE WHEN %(is_done)s THEN %(now)s::timestamptz END,
    pages = %(pages)s,
    ids = %(ids)s,
    known_ids = %(known_ids)s,
    new_ids = CASE WHEN %(are_wanted)s THEN coalesce(new_ids, 0) ELSE 0 END + %(new_ids)s,
    reads = reads + 1,
    failures = CASE WHEN %(doubt)s::text IS NULL THEN 0 ELSE failures + 1 END,
    error_code = CASE WHEN %(doubt)s::text IS NOT NULL THEN 'implausible' END,
    error = %(doubt)s,
    -- What a doubted reading does not show may have changed before it.
    read_at = CASE WHEN %(doubt)s::text IS NULL THEN %(began_at)s ELSE read_at END
WHERE source = %(source)s AND kind = %(kind)s AND day = %(day)s
RETURNING failures
