-- The next films by id, gone ones too. Parameters: after bigint; most integer. Returns: id of each. Index: primary key.
SELECT id FROM movies WHERE id > %(after)s ORDER BY id LIMIT %(most)s
