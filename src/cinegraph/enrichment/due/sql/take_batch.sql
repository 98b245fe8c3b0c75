-- Take away the rows of the films that are due longest and never failed; while a pass over all films is under way none.
-- Parameters: enrichment text; limit integer; now timestamptz. Returns: movie_id, is_spread, untold.
-- Locks: the rows; what another transaction holds is left. Index: enrichment_due_index, primary key of enrichment_states.
DELETE FROM enrichment_due
WHERE ctid = ANY (ARRAY(
    SELECT due.ctid FROM enrichment_due AS due
    WHERE due.enrichment = %(enrichment)s AND due.due_at <= %(now)s AND due.failures = 0
      AND NOT EXISTS (
          SELECT FROM enrichment_states AS state WHERE state.enrichment = %(enrichment)s AND state.began_at IS NOT NULL
      )
    ORDER BY due.due_at
    LIMIT %(limit)s
    FOR UPDATE OF due SKIP LOCKED
))
RETURNING movie_id, is_spread, untold
