-- How many stand on a list. Parameters: id bigint. Returns: films, linked: those that are stored. Locks: none. Index: primary key.
SELECT count(*) AS films, count(movie_id) AS linked FROM list_entries WHERE list_id = %(id)s AND left_at IS NULL
