-- All that ever stood on a list. Parameters: id bigint. Returns: entry_key, imdb_id, tmdb_id, movie_id, has_left.
-- Locks: none; the caller has locked the list. Index: primary key.
SELECT entry_key, imdb_id, tmdb_id, movie_id, left_at IS NOT NULL AS has_left
FROM list_entries
WHERE list_id = %(id)s
ORDER BY entry_key
