-- Undo the redirect of a film, or do it again.
-- Parameters: tmdb_id integer: of the film that went; undone_at timestamptz or null: it stands again; who text.
-- Returns: from_movie_id, to_movie_id where there was one. Locks: the row.
UPDATE movie_redirects AS redirect SET
    undone_at = %(undone_at)s::timestamptz,
    undone_by = CASE WHEN %(undone_at)s::timestamptz IS NOT NULL THEN %(who)s END
FROM movies AS former
WHERE former.tmdb_id = %(tmdb_id)s
  AND redirect.id = (
      SELECT last.id
      FROM movie_redirects AS last
      WHERE last.from_movie_id = former.id AND (last.undone_at IS NULL) = (%(undone_at)s::timestamptz IS NOT NULL)
      ORDER BY last.found_at DESC, last.id DESC
      LIMIT 1
  )
RETURNING redirect.from_movie_id, redirect.to_movie_id
