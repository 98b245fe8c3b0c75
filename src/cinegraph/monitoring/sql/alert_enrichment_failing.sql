-- What: kinds of enrichment that cannot compute films.
-- Parameters: fewest integer: so few are odd films rather than a fault. Returns: subject, message: one row a kind.
-- Locks: none. Index: enrichment_due_failed_index.
SELECT
    enrichment AS subject,
    format('%%s films cannot be computed, most of them: %%s', count(*), mode() WITHIN GROUP (ORDER BY error_code)) AS message
FROM enrichment_due
WHERE failures > 0 AND failures > 1
GROUP BY enrichment
HAVING count(*) >= %(fewest)s
