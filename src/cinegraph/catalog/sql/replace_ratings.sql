-- Make one source's ratings of the given films equal to what their source says: without votes there is none.
-- Rows that say the same are not touched and keep the time at which their value was first said.
-- Parameters: films jsonb, [{"movie": tmdb_id, "changed": is it stored already, "rows": [...]}]; source text.
-- Returns: nothing. Locks: rows of ratings of these films, whose documents the caller has locked: nobody else
-- writes them meanwhile, so no conflict needs handling (ON CONFLICT costs a quarter more). Index: primary key.
WITH film AS MATERIALIZED (
    SELECT movies.id AS movie_id, given.changed, given.rows
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (movie integer, changed boolean, rows jsonb)
    JOIN movies ON movies.tmdb_id = given.movie
), incoming AS MATERIALIZED (
    SELECT
        film.movie_id, film.changed, %(source)s::text AS source, said.kind, said.value, said.votes, said.as_of
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (
        kind text, value double precision, votes integer, as_of timestamptz
    )
), gone AS (
    DELETE FROM ratings AS stored
    WHERE stored.movie_id IN (SELECT movie_id FROM film WHERE changed)
      AND stored.source = %(source)s
      AND (stored.movie_id, stored.source, stored.kind)
        NOT IN (SELECT movie_id, source, kind FROM incoming)
), altered AS (
    UPDATE ratings AS stored SET
        value = incoming.value,
        votes = incoming.votes,
        as_of = incoming.as_of
    FROM incoming
    WHERE incoming.changed
      AND stored.movie_id = incoming.movie_id
      AND stored.source = incoming.source
      AND stored.kind = incoming.kind
      AND (stored.value, stored.votes) IS DISTINCT FROM (incoming.value, incoming.votes)
)
INSERT INTO ratings (movie_id, source, kind, value, votes, as_of)
SELECT
    incoming.movie_id, incoming.source, incoming.kind, incoming.value, incoming.votes, incoming.as_of
FROM incoming
WHERE NOT (incoming.changed AND EXISTS (
    SELECT
    FROM ratings AS stored
    WHERE stored.movie_id = incoming.movie_id
      AND stored.source = incoming.source
      AND stored.kind = incoming.kind
    OFFSET 0 -- or the planner reads the whole table to hash it
))
