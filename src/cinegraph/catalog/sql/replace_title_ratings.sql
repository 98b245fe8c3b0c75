-- Make a second source's ratings of the given films equal to what its titles say; what is replaced goes into history.
-- A rating whose value is the same keeps its time and takes the new count of votes: only values have a history.
-- Parameters: films jsonb, [{"movie_id": ours, "said_at": when, "until": when, "ratings": [...]}]; source text;
-- keeps_history boolean: false where a row is mended and nothing new was said.
-- Returns: nothing. Locks: rows of ratings of these films; the caller has locked the films. Index: primary key.
-- Stored rows are found by arrays of films, not by joins: while the table is believed small, as after its first rows, a
-- join reads all of the source's.
WITH film AS MATERIALIZED (
    SELECT given.movie_id, given.said_at, given.until, given.ratings
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (
        movie_id bigint, said_at timestamptz, until timestamptz, ratings jsonb
    )
), incoming AS MATERIALIZED (
    SELECT film.movie_id, said.kind, said.value, said.votes, film.said_at
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.ratings) AS said (kind text, value double precision, votes integer)
), stored AS MATERIALIZED (
    SELECT rating.movie_id, rating.kind, rating.as_of, rating.value, rating.votes
    FROM ratings AS rating
    WHERE rating.movie_id = ANY (ARRAY(SELECT movie_id FROM film)) AND rating.source = %(source)s
), replaced AS MATERIALIZED (
    SELECT stored.*, film.until, incoming.kind IS NULL AS is_gone
    FROM stored
    INNER JOIN film ON film.movie_id = stored.movie_id
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
    DELETE FROM ratings AS rating
    USING replaced
    WHERE rating.movie_id = ANY (ARRAY(SELECT movie_id FROM replaced WHERE is_gone))
      AND rating.source = %(source)s
      AND rating.movie_id = replaced.movie_id
      AND rating.kind = replaced.kind
      AND replaced.is_gone
), altered AS (
    UPDATE ratings AS rating SET
        value = incoming.value,
        votes = incoming.votes,
        as_of = CASE WHEN rating.value = incoming.value THEN rating.as_of ELSE incoming.said_at END
    FROM incoming
    WHERE rating.movie_id = ANY (ARRAY(SELECT movie_id FROM stored))
      AND rating.source = %(source)s
      AND rating.movie_id = incoming.movie_id
      AND rating.kind = incoming.kind
      AND (rating.value, rating.votes) IS DISTINCT FROM (incoming.value, incoming.votes)
)
INSERT INTO ratings (movie_id, source, kind, value, votes, as_of)
SELECT incoming.movie_id, %(source)s, incoming.kind, incoming.value, incoming.votes, incoming.said_at
FROM incoming
WHERE NOT EXISTS (
    SELECT FROM stored WHERE stored.movie_id = incoming.movie_id AND stored.kind = incoming.kind
)
