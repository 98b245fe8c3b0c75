-- Let be due again what a pass was to compute that was given up. Parameters: enrichment text. Returns: nothing.
-- Locks: the rows, in order of the key. Index: primary key.
UPDATE enrichment_due AS due SET is_in_pass = false
FROM (
    SELECT waiting.movie_id
    FROM enrichment_due AS waiting
    WHERE waiting.enrichment = %(enrichment)s AND waiting.is_in_pass
    ORDER BY waiting.movie_id
    FOR UPDATE
) AS locked
WHERE due.enrichment = %(enrichment)s AND due.movie_id = locked.movie_id
