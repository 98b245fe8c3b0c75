-- The films of some titles.
-- Parameters: imdb_ids text[]. Returns: imdb_id, id, tmdb_id of each film, in order of tmdb_id.
-- Locks: the films, so that none of them gets another IMDb id meanwhile. Index: movies_imdb_id_index.
SELECT imdb_id, id, tmdb_id
FROM movies
WHERE imdb_id = ANY (%(imdb_ids)s::text[])
ORDER BY tmdb_id
FOR NO KEY UPDATE
