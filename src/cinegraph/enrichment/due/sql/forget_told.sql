-- Take films away that were left due until what is beside them was marked; those that changed since stay, and are to mark
-- nothing for what was computed before.
-- Parameters: enrichment text; movie_ids bigint[]. Returns: nothing. Locks: the rows, in order of the key. Index: primary key.
WITH locked AS MATERIALIZED (
    SELECT waiting.movie_id, waiting.marks
    FROM enrichment_due AS waiting
    WHERE waiting.enrichment = %(enrichment)s AND waiting.movie_id = ANY (%(movie_ids)s::bigint[])
    ORDER BY waiting.movie_id
    FOR UPDATE
), told AS (
    UPDATE enrichment_due AS due SET untold = '{}'
    FROM locked
    WHERE due.enrichment = %(enrichment)s AND due.movie_id = locked.movie_id AND locked.marks > 0
)
DELETE FROM enrichment_due AS due
USING locked
WHERE due.enrichment = %(enrichment)s AND due.movie_id = locked.movie_id AND locked.marks = 0
