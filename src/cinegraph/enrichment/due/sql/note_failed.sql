-- Note that films could not be computed; one whose row is gone gets one.
-- Parameters: enrichment text; movie_ids bigint[]; error_code text; pause, longest interval; now timestamptz.
-- Returns: nothing. Locks: the rows, in order of the key. Index: primary key.
INSERT INTO enrichment_due AS due
    (enrichment, movie_id, reason, is_spread, due_at, marked_at, failures, error_code)
SELECT %(enrichment)s, film.id, 'failed', false, %(now)s::timestamptz + %(pause)s, %(now)s, 1, %(error_code)s
FROM movies AS film
WHERE film.id = ANY (%(movie_ids)s::bigint[])
ORDER BY film.id
ON CONFLICT (enrichment, movie_id) DO UPDATE SET
    due_at = %(now)s::timestamptz + least(%(pause)s * power(2, least(due.failures, 20)), %(longest)s),
    failures = least(due.failures + 1, 100),
    error_code = excluded.error_code,
    queued_at = NULL
