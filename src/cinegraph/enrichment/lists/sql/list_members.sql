-- The members of a list, as they are linked now. Parameters: id bigint. Returns: as list_linkable.sql. Locks: none; the caller has
-- locked the list. Index: primary key.
SELECT list_id, entry_key, movie_id, position, imdb_id, tmdb_id, title, year
FROM list_entries
WHERE list_id = %(id)s AND left_at IS NULL
ORDER BY entry_key
