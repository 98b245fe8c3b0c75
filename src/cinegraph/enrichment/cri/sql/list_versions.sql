-- The versions of the formula, the newest first. Parameters: none.
-- Returns: version, description, made_at, films (that have a score by it now). Index: none, all scores are counted.
SELECT version.version, version.description, version.made_at, coalesce(counted.films, 0)
FROM cri_versions AS version
LEFT JOIN (
    SELECT version, count(score) AS films FROM cri_scores GROUP BY version
) AS counted ON counted.version = version.version
ORDER BY version.made_at DESC, version.version
