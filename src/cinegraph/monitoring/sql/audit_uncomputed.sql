-- Live films for which a kind of enrichment was never computed, though it is not due and no pass over all films is to
-- come; new ones have a day.
-- Parameters: now timestamptz. Returns: one row: offenders, example. Locks: none.
SELECT count(*) AS offenders, min(format('%%s of TMDB %%s', state.enrichment, film.tmdb_id)) AS example
FROM enrichment_states AS state
INNER JOIN movies AS film ON film.gone_at IS NULL AND film.created_at < %(now)s - interval '1 day'
LEFT JOIN enrichment_due AS due ON due.enrichment = state.enrichment AND due.movie_id = film.id
LEFT JOIN enrichment_results AS computed ON computed.enrichment = state.enrichment AND computed.movie_id = film.id
WHERE state.wanted_at IS NULL AND state.finished_at IS NOT NULL AND due.movie_id IS NULL AND computed.movie_id IS NULL
