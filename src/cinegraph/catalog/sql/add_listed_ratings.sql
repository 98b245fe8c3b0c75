-- Give films that had none the ratings of a list.
-- Parameters: source, rating_kind text; said_at timestamptz (when the list was made).
-- Returns: nothing; its row count is how many. Locks: these films against deletion. Index: primary key.
INSERT INTO ratings (movie_id, source, kind, value, votes, as_of)
SELECT matched.movie_id, %(source)s, %(rating_kind)s, matched.value, matched.votes, %(said_at)s
FROM rating_matched AS matched
WHERE NOT EXISTS (
    SELECT
    FROM ratings AS stored
    WHERE stored.movie_id = matched.movie_id AND stored.source = %(source)s AND stored.kind = %(rating_kind)s
)
ORDER BY matched.movie_id
