-- Parameters: tmdb_id integer. Returns: people.id. Index: unique tmdb_id.
SELECT id FROM people WHERE tmdb_id = %(tmdb_id)s
