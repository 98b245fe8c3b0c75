-- The films whose source has no document of them: nothing that is stored says what their rows say. Those that were cut to
-- their ids say nothing.
-- Parameters: source, kind text. Returns: tmdb_id, ascending. Locks: none. Reads every film and the key of every document.
SELECT movies.tmdb_id
FROM movies
WHERE movies.tmdb_id IS NOT NULL
  AND NOT EXISTS (
      SELECT
      FROM documents
      WHERE documents.source = %(source)s AND documents.kind = %(kind)s AND documents.external_id = movies.tmdb_id::text
  )
  AND NOT EXISTS (
      SELECT
      FROM tombstones AS stone
      WHERE stone.movie_id = movies.id AND stone.revived_at IS NULL AND stone.cut_at IS NOT NULL
  )
ORDER BY movies.tmdb_id
