-- Make a second source's facts about the given films equal to what its titles say; what is replaced goes into history.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie_id": ours, "said_at": when, "until": when, "facts": [...]}]; source text;
-- keeps_history boolean: false where a row is mended and nothing new was said.
-- Returns: nothing. Locks: rows of movie_facts of these films; the caller has locked the films. Index: primary key.
WITH film AS MATERIALIZED (
    SELECT given.movie_id, given.said_at, given.until, given.facts
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (
        movie_id bigint, said_at timestamptz, until timestamptz, facts jsonb
    )
), incoming AS MATERIALIZED (
    SELECT film.movie_id, said.kind, said.text, said.number, film.said_at
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.facts) AS said (kind text, text text, number bigint)
), replaced AS MATERIALIZED (
    SELECT stored.movie_id, stored.kind, stored.as_of, stored.text, stored.number, film.until
    FROM film
    JOIN movie_facts AS stored ON stored.movie_id = film.movie_id AND stored.source = %(source)s
    LEFT JOIN incoming ON incoming.movie_id = stored.movie_id AND incoming.kind = stored.kind
    WHERE incoming.kind IS NULL
       OR (incoming.text, incoming.number) IS DISTINCT FROM (stored.text, stored.number)
), kept AS (
    INSERT INTO fact_history AS known (movie_id, source, kind, as_of, until, text, number)
    SELECT movie_id, %(source)s, kind, as_of, greatest(as_of, until), text, number
    FROM replaced
    WHERE %(keeps_history)s
    ORDER BY movie_id, kind
    ON CONFLICT (movie_id, source, kind, as_of) DO UPDATE SET
        until = greatest(known.until, excluded.until),
        text = excluded.text,
        number = excluded.number
), gone AS (
    DELETE FROM movie_facts AS stored
    USING replaced
    WHERE stored.movie_id = replaced.movie_id
      AND stored.source = %(source)s
      AND stored.kind = replaced.kind
      AND (stored.movie_id, stored.kind) NOT IN (SELECT movie_id, kind FROM incoming)
), altered AS (
    UPDATE movie_facts AS stored SET
        text = incoming.text,
        number = incoming.number,
        as_of = incoming.said_at
    FROM incoming
    WHERE stored.movie_id = incoming.movie_id
      AND stored.source = %(source)s
      AND stored.kind = incoming.kind
      AND (stored.text, stored.number) IS DISTINCT FROM (incoming.text, incoming.number)
)
INSERT INTO movie_facts (movie_id, source, kind, text, number, as_of)
SELECT incoming.movie_id, %(source)s, incoming.kind, incoming.text, incoming.number, incoming.said_at
FROM incoming
WHERE NOT EXISTS (
    SELECT
    FROM movie_facts AS stored
    WHERE stored.movie_id = incoming.movie_id AND stored.source = %(source)s AND stored.kind = incoming.kind
)
