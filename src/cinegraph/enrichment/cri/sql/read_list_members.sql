-- Who stands on each list now, by an id that all lists share. Parameters: none.
-- Returns: list_id, member (IMDb's id, else TMDB's number), once each. Index: primary keys.
SELECT DISTINCT entry.list_id, coalesce(entry.imdb_id, film.imdb_id, entry.tmdb_id::text)
FROM list_entries AS entry
LEFT JOIN movies AS film ON film.id = entry.movie_id
WHERE entry.left_at IS NULL
