-- Of the live films, how many have the places on lists that are theirs, or are due; a film on no list is current, too.
-- Parameters: none. Returns: state (current, due, failing), why text, films. Locks: none. Index: all are read, each once.
SELECT state, why, count(*) AS films
FROM (
    SELECT
        CASE WHEN due.failures > 0 THEN 'failing' WHEN due.movie_id IS NOT NULL THEN 'due' ELSE 'current' END AS state,
        CASE WHEN due.failures > 0 THEN due.error_code ELSE due.reason END AS why
    FROM movies AS film
    LEFT JOIN enrichment_due AS due ON due.enrichment = 'cultural_lists' AND due.movie_id = film.id
    WHERE film.gone_at IS NULL
) AS each
GROUP BY state, why
ORDER BY state, films DESC, why
