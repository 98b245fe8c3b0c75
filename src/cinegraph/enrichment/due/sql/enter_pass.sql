-- Note that a pass over all films computes what is due; what failed is left, it is tried again alone.
-- Parameters: enrichment text. Returns: nothing. Locks: the rows, in order of the key, as those who mark do: else the two
-- could wait for each other. Index: primary key.
UPDATE enrichment_due AS due SET is_in_pass = true
FROM (
    SELECT waiting.movie_id
    FROM enrichment_due AS waiting
    WHERE waiting.enrichment = %(enrichment)s AND waiting.failures = 0 AND NOT waiting.is_in_pass
    ORDER BY waiting.movie_id
    FOR UPDATE
) AS locked
WHERE due.enrichment = %(enrichment)s AND due.movie_id = locked.movie_id
