-- Let due films wait. Parameters: enrichment text; tmdb_ids integer[]; until timestamptz. Returns: nothing.
-- Locks: the rows, in order of the key. Index: unique tmdb_id, primary key.
UPDATE enrichment_due AS due SET due_at = %(until)s, queued_at = NULL
FROM (
    SELECT waiting.enrichment, waiting.movie_id
    FROM enrichment_due AS waiting
    INNER JOIN movies AS film ON film.id = waiting.movie_id
    WHERE waiting.enrichment = %(enrichment)s AND film.tmdb_id = ANY (%(tmdb_ids)s::integer[])
    ORDER BY waiting.movie_id
    FOR UPDATE OF waiting
) AS locked
WHERE due.enrichment = locked.enrichment AND due.movie_id = locked.movie_id
