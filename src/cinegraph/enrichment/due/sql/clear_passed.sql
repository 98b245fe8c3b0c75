-- Take away what a pass over all films has computed; what changed since it began stays due.
-- Parameters: enrichment text. Returns: nothing. Locks: the rows, in order of the key. Index: primary key.
DELETE FROM enrichment_due AS due
USING (
    SELECT waiting.movie_id
    FROM enrichment_due AS waiting
    WHERE waiting.enrichment = %(enrichment)s AND waiting.is_in_pass
    ORDER BY waiting.movie_id
    FOR UPDATE
) AS locked
WHERE due.enrichment = %(enrichment)s AND due.movie_id = locked.movie_id
