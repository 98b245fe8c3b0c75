-- What: of each kind of enrichment, the films that it was computed for, in one shape.
-- Returns: nothing. Locks: new relations only.

CREATE VIEW enrichment_results AS
SELECT
    'collaborations' AS enrichment, counted.movie_id,
    CASE WHEN named.movie_id IS NULL THEN 'no credits that count' END AS impossible
FROM collaboration_movies AS counted
LEFT JOIN (SELECT DISTINCT movie_id FROM collaboration_people) AS named ON named.movie_id = counted.movie_id
UNION ALL
SELECT 'cultural_lists', id, NULL FROM movies
UNION ALL
SELECT 'cri_score', movie_id, impossible FROM cri_scores
UNION ALL
SELECT 'recommendations', movie_id, impossible FROM recommendation_movies;
COMMENT ON VIEW enrichment_results IS
    'For consumers: what was computed of which films, and why there is nothing (impossible; null: there is); ask for one enrichment. What changed since is in enrichment_due. A film on no list has its lists computed, too';
