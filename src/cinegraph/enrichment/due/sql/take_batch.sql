-- Take away the rows of the films that are due longest and never failed.
-- Parameters: enrichment text; limit integer; now timestamptz. Returns: movie_id, is_spread.
-- Locks: the rows; what another transaction holds is left. Index: enrichment_due_index.
DELETE FROM enrichment_due
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM enrichment_due
    WHERE enrichment = %(enrichment)s AND due_at <= %(now)s AND failures = 0
    ORDER BY due_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
))
RETURNING movie_id, is_spread
