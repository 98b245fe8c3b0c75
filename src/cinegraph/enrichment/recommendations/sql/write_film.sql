-- Make what is stored of a film equal to what was computed.
-- Parameters: movie_id bigint; movie_ids bigint[]; scores real[]; parts bytea; words integer[]; impossible text or null;
-- now, written_at timestamptz; read_at timestamptz or null (what changed since was computed from newer facts, and stays).
-- Returns: nothing; no row is touched where all is equal. Locks: the film's row. Index: primary key.
INSERT INTO recommendation_movies AS stored (movie_id, movie_ids, scores, parts, words, impossible, changed_at)
SELECT id, %(movie_ids)s::bigint[], %(scores)s::real[], %(parts)s, %(words)s::integer[], %(impossible)s, %(now)s
FROM movies
WHERE id = %(movie_id)s
ON CONFLICT (movie_id) DO UPDATE
SET movie_ids = excluded.movie_ids, scores = excluded.scores, parts = excluded.parts, words = excluded.words,
    impossible = excluded.impossible, changed_at = excluded.changed_at
WHERE (
    %(read_at)s::timestamptz IS NULL OR stored.changed_at <= %(read_at)s::timestamptz
    -- A stamp from the future is left over from before the clock was set back: it tells nothing.
    OR stored.changed_at > %(written_at)s::timestamptz
  )
  AND (stored.movie_ids, stored.scores, stored.parts, stored.words, stored.impossible)
    IS DISTINCT FROM (excluded.movie_ids, excluded.scores, excluded.parts, excluded.words, excluded.impossible)
