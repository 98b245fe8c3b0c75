-- Films that went, that are redirected to none, and whose IMDb id the source may know for another film.
-- Parameters: since timestamptz: buried after it; asked_before timestamptz; limit integer.
-- Returns: movie_id, tmdb_id, imdb_id. Locks: none. Scans the standing tombstones of the last time.
SELECT stone.movie_id, movies.tmdb_id, claim.imdb_id
FROM tombstones AS stone
INNER JOIN movies ON movies.id = stone.movie_id
INNER JOIN imdb_claims AS claim ON claim.movie_id = stone.movie_id
WHERE stone.revived_at IS NULL
  AND stone.buried_at > %(since)s
  AND (stone.find_asked_at IS NULL OR stone.find_asked_at < %(asked_before)s)
  AND NOT EXISTS (SELECT FROM movie_redirects AS known WHERE known.from_movie_id = stone.movie_id)
ORDER BY stone.find_asked_at NULLS FIRST, stone.movie_id
LIMIT %(limit)s
