-- Of the live films, how many have their collaborations computed, are due, cannot have any, or were never computed.
-- Parameters: none. Returns: state (current, due, failing, impossible, missing), why text, films. Locks: none.
-- Index: all are read, each once.
SELECT state, why, count(*) AS films
FROM (
    SELECT
        CASE
            WHEN due.failures > 0 THEN 'failing'
            WHEN due.movie_id IS NOT NULL THEN 'due'
            WHEN counted.movie_id IS NULL THEN 'missing'
            WHEN named.movie_id IS NULL THEN 'impossible'
            ELSE 'current'
        END AS state,
        CASE
            WHEN due.failures > 0 THEN due.error_code
            WHEN due.movie_id IS NOT NULL THEN due.reason
            WHEN counted.movie_id IS NOT NULL AND named.movie_id IS NULL THEN 'no credits that count'
        END AS why
    FROM movies AS film
    LEFT JOIN enrichment_due AS due ON due.enrichment = 'collaborations' AND due.movie_id = film.id
    LEFT JOIN collaboration_movies AS counted ON counted.movie_id = film.id
    LEFT JOIN (SELECT DISTINCT movie_id FROM collaboration_people) AS named ON named.movie_id = film.id
    WHERE film.gone_at IS NULL
) AS each
GROUP BY state, why
ORDER BY state, films DESC, why
