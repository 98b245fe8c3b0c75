-- Make a second source's ratings of the given films equal to what its titles say; what is replaced goes into history.
-- A rating whose value is the same keeps its time and takes the new count of votes: only values have a history.
-- Parameters: films jsonb, [{"movie_id": ours, "said_at": when, "until": when, "ratings": [...]}]; source text;
-- keeps_history boolean: false where a row is mended and nothing new was said.
-- Returns: nothing. Locks: rows of ratings of these films; the caller has locked the films. Index: primary key.
WITH film AS MATERIALIZED (
    SELECT given.movie_id, given.said_at, given.until, given.ratings
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (
        movie_id bigint, said_at timestamptz, until timestamptz, ratings jsonb
    )
), incoming AS MATERIALIZED (
    SELECT film.movie_id, said.kind, said.value, said.votes, film.said_at
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.ratings) AS said (kind text, value double precision, votes integer)
), replaced AS MATERIALIZED (
    SELECT stored.movie_id, stored.kind, stored.as_of, stored.value, stored.votes, film.until
    FROM film
    JOIN ratings AS stored ON stored.movie_id = film.movie_id AND stored.source = %(source)s
    LEFT JOIN incoming ON incoming.movie_id = stored.movie_id AND incoming.kind = stored.kind
    WHERE incoming.value IS DISTINCT FROM stored.value
), kept AS (
    INSERT INTO rating_history AS known (movie_id, source, kind, as_of, until, value, votes)
    SELECT movie_id, %(source)s, kind, as_of, greatest(as_of, until), value, votes
    FROM replaced
    WHERE %(keeps_history)s
    ORDER BY movie_id, kind
    ON CONFLICT (movie_id, source, kind, as_of) DO UPDATE SET
        until = greatest(known.until, excluded.until),
        value = excluded.value,
        votes = excluded.votes
), gone AS (
    DELETE FROM ratings AS stored
    USING replaced
    WHERE stored.movie_id = replaced.movie_id
      AND stored.source = %(source)s
      AND stored.kind = replaced.kind
      AND (stored.movie_id, stored.kind) NOT IN (SELECT movie_id, kind FROM incoming)
), altered AS (
    UPDATE ratings AS stored SET
        value = incoming.value,
        votes = incoming.votes,
        as_of = CASE WHEN stored.value = incoming.value THEN stored.as_of ELSE incoming.said_at END
    FROM incoming
    WHERE stored.movie_id = incoming.movie_id
      AND stored.source = %(source)s
      AND stored.kind = incoming.kind
      AND (stored.value, stored.votes) IS DISTINCT FROM (incoming.value, incoming.votes)
)
INSERT INTO ratings (movie_id, source, kind, value, votes, as_of)
SELECT incoming.movie_id, %(source)s, incoming.kind, incoming.value, incoming.votes, incoming.said_at
FROM incoming
WHERE NOT EXISTS (
    SELECT
    FROM ratings AS stored
    WHERE stored.movie_id = incoming.movie_id AND stored.source = %(source)s AND stored.kind = incoming.kind
)
