-- How scores are distributed, from a sample of the table's pages. Parameters: percent double precision: of the pages; bins integer.
-- Returns: bin (from 1; 100 itself is in the last one; null: the film has no score), films, total (sum of scores). Locks: none.
-- Index: none; a twentieth of 1.24 million scores: 30 ms.
SELECT
    CASE WHEN score IS NOT NULL THEN least(width_bucket(score, 0, 100, %(bins)s), %(bins)s) END AS bin,
    count(*) AS films, coalesce(sum(score), 0)::double precision AS total
FROM cri_scores TABLESAMPLE SYSTEM (%(percent)s)
GROUP BY 1
ORDER BY 1
