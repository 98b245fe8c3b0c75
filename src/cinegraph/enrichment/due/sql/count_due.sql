-- How many films are due and never failed; counted up to a limit, so that it never costs more than that.
-- Parameters: enrichment text; limit integer; now timestamptz. Returns: one row: films. Index: enrichment_due_index.
SELECT count(*) AS films
FROM (
    SELECT FROM enrichment_due
    WHERE enrichment = %(enrichment)s AND due_at <= %(now)s AND failures = 0
    LIMIT %(limit)s
) AS due
