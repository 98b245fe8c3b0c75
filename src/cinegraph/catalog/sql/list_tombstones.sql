-- List tombstones, the newest first.
-- Parameters: limit integer; before bigint: id of the last one of the page before (null: from the newest).
-- Index: tombstones_buried_index. Returns: id, movie_id, tmdb_id, title, denied_at, last_denied_at, denials, missing_since, exports,
-- buried_at, revived_at, revived_by, cut_at. Locks: none.
SELECT
    stone.id, film.id AS movie_id, film.tmdb_id, film.title, stone.denied_at, stone.last_denied_at, stone.denials,
    stone.missing_since, stone.exports, stone.buried_at, stone.revived_at, stone.revived_by, stone.cut_at
FROM tombstones AS stone
INNER JOIN movies AS film ON film.id = stone.movie_id
WHERE %(before)s::bigint IS NULL
   OR (stone.buried_at, stone.id) < (SELECT last.buried_at, last.id FROM tombstones AS last WHERE last.id = %(before)s)
ORDER BY stone.buried_at DESC, stone.id DESC
LIMIT %(limit)s
