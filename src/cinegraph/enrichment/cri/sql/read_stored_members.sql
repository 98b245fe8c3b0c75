-- The members of a list. Parameters: list_id bigint.
-- Returns: movie_id of each (null: not stored). Index: primary key of list_entries.
SELECT movie_id FROM list_entries WHERE list_id = %(list_id)s AND left_at IS NULL ORDER BY movie_id
