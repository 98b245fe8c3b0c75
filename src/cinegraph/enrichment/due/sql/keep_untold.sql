-- Leave films due that were taken, until what is beside them is marked: who dies in between computes them again, and marks.
-- Parameters: enrichment text; movie_ids, untold bigint[] (what is beside them); due_at, now timestamptz. Returns: nothing.
-- Locks: new rows; the caller has taken those that were there. Index: primary keys.
INSERT INTO enrichment_due (enrichment, movie_id, reason, is_spread, marks, due_at, marked_at, untold)
SELECT %(enrichment)s, film.id, 'computed, but nothing beside it is marked', false, 0, %(due_at)s, %(now)s,
    %(untold)s::bigint[]
FROM movies AS film
WHERE film.id = ANY (%(movie_ids)s::bigint[])
ORDER BY film.id
ON CONFLICT DO NOTHING
