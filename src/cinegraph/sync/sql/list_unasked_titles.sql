-- Stored films with an IMDb id that the second source's ledger does not know: stored before it was switched on.
-- Parameters: source, kind text; after integer (TMDB's id); limit integer.
-- Returns: tmdb_id, popularity, release_date; ascending. Locks: none. Index: unique tmdb_id, primary key of sync_ledger.
SELECT movie.tmdb_id, movie.popularity, movie.release_date
FROM movies AS movie
WHERE movie.imdb_id IS NOT NULL
  AND movie.tmdb_id > %(after)s
  AND NOT EXISTS (
      SELECT FROM sync_ledger AS known
      WHERE known.source = %(source)s AND known.kind = %(kind)s AND known.external_id = movie.tmdb_id
  )
ORDER BY movie.tmdb_id
LIMIT %(limit)s
