-- Take films away that were left due until what is beside them was marked; not those that changed since.
-- Parameters: enrichment text; movie_ids bigint[]. Returns: nothing. Locks: the rows, in order of the key. Index: primary key.
DELETE FROM enrichment_due AS due
USING (
    SELECT waiting.movie_id
    FROM enrichment_due AS waiting
    WHERE waiting.enrichment = %(enrichment)s AND waiting.movie_id = ANY (%(movie_ids)s::bigint[]) AND waiting.marks = 0
    ORDER BY waiting.movie_id
    FOR UPDATE
) AS locked
WHERE due.enrichment = %(enrichment)s AND due.movie_id = locked.movie_id
