-- What is asked for. Parameters: id bigint. Returns: id, kind, imdb_id, title, year, state, tmdb_id. Locks: none. Index: primary key.
SELECT id, kind, imdb_id, title, year, state, tmdb_id
FROM festival_lookups
WHERE id = %(id)s
