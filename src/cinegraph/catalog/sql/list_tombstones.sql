-- List tombstones, the newest first.
-- Parameters: limit integer. Returns: movie_id, tmdb_id, title, denied_at, last_denied_at, denials, missing_since, exports,
-- buried_at, revived_at, revived_by, cut_at. Locks: none.
SELECT
    film.id AS movie_id, film.tmdb_id, film.title, stone.denied_at, stone.last_denied_at, stone.denials,
    stone.missing_since, stone.exports, stone.buried_at, stone.revived_at, stone.revived_by, stone.cut_at
FROM tombstones AS stone
INNER JOIN movies AS film ON film.id = stone.movie_id
ORDER BY stone.buried_at DESC, stone.id DESC
LIMIT %(limit)s
