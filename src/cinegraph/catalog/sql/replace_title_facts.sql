-- Make a second source's facts about the given films equal to what its titles say; what is replaced goes into history.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie_id": ours, "said_at": when, "until": when, "facts": [...]}]; source text;
-- keeps_history boolean: false where a row is mended and nothing new was said.
-- Returns: nothing. Locks: rows of movie_facts of these films; the caller has locked the films. Index: primary key.
-- Stored rows are found by arrays of films, not by joins: while the table is believed small, as after its first rows, a
-- join reads all of the source's.
WITH film AS MATERIALIZED (
    SELECT given.movie_id, given.said_at, given.until, given.facts
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (
        movie_id bigint, said_at timestamptz, until timestamptz, facts jsonb
    )
), incoming AS MATERIALIZED (
    SELECT film.movie_id, said.kind, said.text, said.number, film.said_at
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.facts) AS said (kind text, text text, number bigint)
), stored AS MATERIALIZED (
    SELECT fact.movie_id, fact.kind, fact.as_of, fact.text, fact.number
    FROM movie_facts AS fact
    WHERE fact.movie_id = ANY (ARRAY(SELECT movie_id FROM film)) AND fact.source = %(source)s
), replaced AS MATERIALIZED (
    SELECT stored.*, film.until, incoming.kind IS NULL AS is_gone
    FROM stored
    INNER JOIN film ON film.movie_id = stored.movie_id
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
    DELETE FROM movie_facts AS fact
    USING replaced
    WHERE fact.movie_id = ANY (ARRAY(SELECT movie_id FROM replaced WHERE is_gone))
      AND fact.source = %(source)s
      AND fact.movie_id = replaced.movie_id
      AND fact.kind = replaced.kind
      AND replaced.is_gone
), altered AS (
    UPDATE movie_facts AS fact SET
        text = incoming.text,
        number = incoming.number,
        as_of = incoming.said_at
    FROM incoming
    WHERE fact.movie_id = ANY (ARRAY(SELECT movie_id FROM replaced WHERE NOT is_gone))
      AND fact.source = %(source)s
      AND fact.movie_id = incoming.movie_id
      AND fact.kind = incoming.kind
      AND (fact.text, fact.number) IS DISTINCT FROM (incoming.text, incoming.number)
)
INSERT INTO movie_facts (movie_id, source, kind, text, number, as_of)
SELECT incoming.movie_id, %(source)s, incoming.kind, incoming.text, incoming.number, incoming.said_at
FROM incoming
WHERE NOT EXISTS (
    SELECT FROM stored WHERE stored.movie_id = incoming.movie_id AND stored.kind = incoming.kind
)
