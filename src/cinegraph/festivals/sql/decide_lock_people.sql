-- Keep a nominee as they are linked, or let them be found anew. Parameters: nomination_id bigint; position smallint; is_locked boolean.
-- Returns: name, tmdb_id, linked (the person's name), is_locked; no row where there is no such nominee. Locks: the row; the caller has locked the nomination.
-- Index: primary key.
UPDATE nomination_people AS nominee SET
    is_locked = %(is_locked)s,
    -- What a person decided is undone with the lock; what was found stays.
    (person_id, found_by, score) = (
        SELECT nominee.person_id, nominee.found_by, nominee.score
        WHERE %(is_locked)s OR nominee.found_by IS DISTINCT FROM 'person'
    )
WHERE nominee.nomination_id = %(nomination_id)s AND nominee.position = %(position)s
RETURNING
    nominee.name, (SELECT tmdb_id FROM people WHERE id = nominee.person_id),
    (SELECT name FROM people WHERE id = nominee.person_id), nominee.is_locked
