-- How many films are due and never failed; counted up to a limit, so that it never costs more than that.
-- Parameters: enrichment text; limit integer; now, settled_at timestamptz: what is due later than that was put off.
-- Returns: one row: films; first_at: when the first became due, last_at: when the last does. Index: enrichment_due_index.
SELECT
    counted.films, counted.first_at,
    (SELECT max(due_at) FROM enrichment_due WHERE enrichment = %(enrichment)s AND due_at <= %(settled_at)s AND failures = 0) AS last_at
FROM (
    SELECT count(*) AS films, min(due_at) AS first_at
    FROM (
        SELECT due_at FROM enrichment_due
        WHERE enrichment = %(enrichment)s AND due_at <= %(now)s AND failures = 0
        ORDER BY due_at
        LIMIT %(limit)s
    ) AS due
) AS counted
