-- Films that are due and have no job, the longest due first.
-- Parameters: enrichment text; only_failed boolean; lost_before, now timestamptz; limit integer.
-- Returns: movie_id, tmdb_id, reason. Locks: their rows; what another transaction holds is left. Index: enrichment_due_index.
SELECT due.movie_id, film.tmdb_id, due.reason
FROM enrichment_due AS due
INNER JOIN movies AS film ON film.id = due.movie_id
WHERE due.enrichment = %(enrichment)s
  AND due.due_at <= %(now)s
  AND film.tmdb_id IS NOT NULL
  AND (due.failures > 0 OR NOT %(only_failed)s)
  AND (due.queued_at IS NULL OR due.queued_at < %(lost_before)s)
ORDER BY due.due_at, due.movie_id
LIMIT %(limit)s
FOR UPDATE OF due SKIP LOCKED
