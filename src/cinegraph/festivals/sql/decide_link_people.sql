-- Decide which person is meant. Parameters: nomination_id bigint; position smallint; tmdb_id integer (null: nobody who is known).
-- Returns: name, tmdb_id, linked (the person's name), is_locked; no row where there is no such nominee. Locks: the row; the caller has locked the nomination.
-- Index: primary key; unique tmdb_id.
UPDATE nomination_people AS nominee SET
    person_id = (SELECT id FROM people WHERE tmdb_id = %(tmdb_id)s),
    company_id = NULL,
    found_by = 'person',
    score = 1,
    is_locked = true
WHERE nominee.nomination_id = %(nomination_id)s AND nominee.position = %(position)s
RETURNING
    nominee.name, %(tmdb_id)s::integer, (SELECT name FROM people WHERE tmdb_id = %(tmdb_id)s), nominee.is_locked
