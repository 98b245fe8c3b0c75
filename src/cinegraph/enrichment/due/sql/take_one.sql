-- Take a film's row away; while a pass over all films is under way it stays. Parameters: enrichment text; movie_id bigint.
-- Returns: movie_id, is_spread, untold, where it had one. Locks: the row, until the transaction ends: a change that is marked
-- meanwhile waits, and makes the film due again; so does a pass that begins.
-- Index: primary keys.
DELETE FROM enrichment_due
WHERE enrichment = %(enrichment)s
  AND movie_id = %(movie_id)s
  AND NOT EXISTS (SELECT FROM enrichment_states AS state WHERE state.enrichment = %(enrichment)s AND state.began_at IS NOT NULL)
RETURNING movie_id, is_spread, untold
