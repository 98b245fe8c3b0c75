-- Take a film's row away. Parameters: enrichment text; movie_id bigint. Returns: movie_id, is_spread, where it had one.
-- Locks: the row, until the transaction ends: a change that is marked meanwhile waits, and makes the film due again.
-- Index: primary key.
DELETE FROM enrichment_due
WHERE enrichment = %(enrichment)s AND movie_id = %(movie_id)s
RETURNING movie_id, is_spread
