-- The next films by id. Parameters: after bigint; limit integer. Returns: id of each. Index: primary key.
SELECT id FROM movies WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
