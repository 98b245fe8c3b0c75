-- Take away the ratings that a list no longer has; keep_listed_ratings.sql has kept them.
-- Parameters: source, rating_kind text. Returns: nothing; its row count is how many. Locks: these rows.
DELETE FROM ratings AS stored
WHERE stored.source = %(source)s
  AND stored.kind = %(rating_kind)s
  AND NOT EXISTS (SELECT FROM rating_matched AS matched WHERE matched.movie_id = stored.movie_id)
