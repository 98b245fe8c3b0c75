-- Parameters: number text (tt…). Returns: movies.id, of the more popular one should two claim it.
-- Index: movies_imdb_id_index.
SELECT id FROM movies WHERE imdb_id = %(number)s ORDER BY popularity DESC NULLS LAST LIMIT 1
