-- Keep the ratings that a list is about to replace or that it no longer has: only values have a history, votes none.
-- Parameters: source, rating_kind text; said_at timestamptz (when the list was made).
-- Returns: nothing; its row count is how many. Locks: nothing that others want. Index: primary key of both tables.
INSERT INTO rating_history (movie_id, source, kind, as_of, until, value, votes)
SELECT
    stored.movie_id, stored.source, stored.kind, stored.as_of, greatest(stored.as_of, %(said_at)s), stored.value,
    stored.votes
FROM ratings AS stored
LEFT JOIN rating_matched AS matched ON matched.movie_id = stored.movie_id
WHERE stored.source = %(source)s
  AND stored.kind = %(rating_kind)s
  AND matched.value IS DISTINCT FROM stored.value
ON CONFLICT (movie_id, source, kind, as_of) DO NOTHING
