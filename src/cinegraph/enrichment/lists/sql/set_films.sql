-- Link members to their films. Parameters: list_ids bigint[], keys text[], movie_ids bigint[] (null: to none). Returns: nothing.
-- Locks: the rows; the caller has locked the lists. Index: primary key.
UPDATE list_entries AS entry SET movie_id = given.movie_id
FROM unnest(%(list_ids)s::bigint[], %(keys)s::text[], %(movie_ids)s::bigint[]) AS given (list_id, entry_key, movie_id)
WHERE entry.list_id = given.list_id AND entry.entry_key = given.entry_key
