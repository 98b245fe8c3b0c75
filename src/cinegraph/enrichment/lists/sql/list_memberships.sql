-- The lists that a film stands on, the weightiest first. Parameters: movie_id bigint.
-- Returns: key, name, authority, position, is_ranked, joined_at. Locks: none. Index: list_entries_movie_index.
SELECT list.key, list.name, list.authority, entry.position, list.is_ranked, entry.joined_at
FROM list_entries AS entry
INNER JOIN lists AS list ON list.id = entry.list_id
WHERE entry.movie_id = %(movie_id)s AND entry.left_at IS NULL
ORDER BY list.weight DESC, list.key
