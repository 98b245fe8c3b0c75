-- Of the live films, how many are computed, are due, fail, cannot be computed, or never were; of one kind.
-- Parameters: enrichment text. Returns: state (current, due, failing, impossible, missing), why text, films. Locks: none.
-- Index: all are read, each once.
SELECT state, why, count(*) AS films
FROM (
    SELECT
        CASE
            WHEN due.failures > 0 THEN 'failing'
            WHEN due.movie_id IS NOT NULL THEN 'due'
            WHEN computed.movie_id IS NULL THEN 'missing'
            WHEN computed.impossible IS NOT NULL THEN 'impossible'
            ELSE 'current'
        END AS state,
        CASE
            WHEN due.failures > 0 THEN due.error_code
            WHEN due.movie_id IS NOT NULL THEN due.reason
            ELSE computed.impossible
        END AS why
    FROM movies AS film
    LEFT JOIN enrichment_due AS due ON due.enrichment = %(enrichment)s AND due.movie_id = film.id
    LEFT JOIN enrichment_results AS computed ON computed.enrichment = %(enrichment)s AND computed.movie_id = film.id
    WHERE film.gone_at IS NULL
) AS each
GROUP BY state, why
ORDER BY state, films DESC, why
