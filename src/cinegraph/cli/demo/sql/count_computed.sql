-- What was computed. Parameters: none. Returns: pairs of people, films with a score, films with recommendations.
SELECT
    (SELECT count(*) FROM collaborations),
    (SELECT count(*) FROM cri_scores WHERE score IS NOT NULL),
    (SELECT count(*) FROM recommendation_movies WHERE impossible IS NULL)
