-- List redirects, the newest first.
-- Parameters: limit integer; before bigint: id of the last one of the page before (null: from the newest).
-- Index: movie_redirects_found_index. Returns: id, from_tmdb_id, from_title, to_tmdb_id, to_title, evidence, detail, confidence, found_at,
-- undone_at, undone_by. Locks: none.
SELECT
    redirect.id, former.tmdb_id AS from_tmdb_id, former.title AS from_title, heir.tmdb_id AS to_tmdb_id, heir.title AS to_title,
    redirect.evidence, redirect.detail, redirect.confidence, redirect.found_at, redirect.undone_at, redirect.undone_by
FROM movie_redirects AS redirect
INNER JOIN movies AS former ON former.id = redirect.from_movie_id
INNER JOIN movies AS heir ON heir.id = redirect.to_movie_id
WHERE %(before)s::bigint IS NULL
   OR (redirect.found_at, redirect.id) < (SELECT last.found_at, last.id FROM movie_redirects AS last WHERE last.id = %(before)s)
ORDER BY redirect.found_at DESC, redirect.id DESC
LIMIT %(limit)s
