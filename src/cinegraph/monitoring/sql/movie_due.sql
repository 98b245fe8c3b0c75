-- What of a film is to be computed anew. Parameters: movie_id bigint. Returns: enrichment, reason, due_at, failures,
-- error_code. Locks: none. Index: enrichment_due_movie_index.
SELECT enrichment, reason, due_at, failures, error_code
FROM enrichment_due
WHERE movie_id = %(movie_id)s
ORDER BY enrichment
