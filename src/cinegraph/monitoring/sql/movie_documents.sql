-- The bodies that are kept of one film, and when its row was made and last changed.
-- Parameters: tmdb_id integer. Returns: source, kind, external_id, size_bytes, fetched_at, checked_at. Locks: none.
-- Index: unique tmdb_id, primary key of documents.
WITH film AS (
    SELECT imdb_id FROM movies WHERE tmdb_id = %(tmdb_id)s
)
SELECT source, kind, external_id, size_bytes, fetched_at, checked_at
FROM documents
WHERE (source = 'tmdb' AND kind = 'movie' AND external_id = %(tmdb_id)s::text)
   OR (source = 'omdb' AND kind = 'title' AND external_id = (SELECT imdb_id FROM film))
ORDER BY source DESC
