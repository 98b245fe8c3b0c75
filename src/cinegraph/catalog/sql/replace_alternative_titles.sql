-- Make the alternative titles of the given films equal to what their source says.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie": tmdb_id, "changed": is it stored already, "rows": [...]}].
-- Returns: nothing. Locks: rows of alternative_titles of these films, whose documents the caller has locked: nobody else
-- writes them meanwhile, so no conflict needs handling (ON CONFLICT costs a quarter more). Index: primary key.
WITH film AS MATERIALIZED (
    SELECT movies.id AS movie_id, given.changed, given.rows
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (movie integer, changed boolean, rows jsonb)
    JOIN movies ON movies.tmdb_id = given.movie
), incoming AS MATERIALIZED (
    SELECT film.movie_id, film.changed, said.country_code, said.title, said.kind
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (country_code text, title text, kind text)
), gone AS (
    DELETE FROM alternative_titles AS stored
    WHERE stored.movie_id IN (SELECT movie_id FROM film WHERE changed)
      AND (stored.movie_id, stored.country_code, stored.title, stored.kind)
        NOT IN (SELECT movie_id, country_code, title, kind FROM incoming)
)
INSERT INTO alternative_titles (movie_id, country_code, title, kind)
SELECT incoming.movie_id, incoming.country_code, incoming.title, incoming.kind
FROM incoming
WHERE NOT (incoming.changed AND EXISTS (
    SELECT
    FROM alternative_titles AS stored
    WHERE stored.movie_id = incoming.movie_id
      AND stored.country_code = incoming.country_code
      AND stored.title = incoming.title
      AND stored.kind = incoming.kind
    OFFSET 0 -- or the planner reads the whole table to hash it
))
