-- Note that jobs were made. Parameters: enrichment text; movie_ids bigint[]; now timestamptz. Returns: nothing.
-- Locks: the rows, which the caller has locked. Index: primary key.
UPDATE enrichment_due SET queued_at = %(now)s
WHERE enrichment = %(enrichment)s AND movie_id = ANY (%(movie_ids)s::bigint[])
