-- Make the spoken languages of the given films equal to what their source says.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie": tmdb_id, "changed": is it stored already, "rows": [...]}].
-- Returns: nothing. Locks: rows of movie_languages of these films, whose documents the caller has locked: nobody else
-- writes them meanwhile, so no conflict needs handling (ON CONFLICT costs a quarter more). Index: primary key.
WITH film AS MATERIALIZED (
    SELECT movies.id AS movie_id, given.changed, given.rows
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (movie integer, changed boolean, rows jsonb)
    JOIN movies ON movies.tmdb_id = given.movie
), incoming AS MATERIALIZED (
    SELECT
        film.movie_id, film.changed, said.code AS language_code, said.place - 1 AS position
    FROM film
    CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(film.rows) AS (code text)) WITH ORDINALITY AS said (code, place)
), gone AS (
    DELETE FROM movie_languages AS stored
    WHERE stored.movie_id IN (SELECT movie_id FROM film WHERE changed)
      AND (stored.movie_id, stored.language_code)
        NOT IN (SELECT movie_id, language_code FROM incoming)
), altered AS (
    UPDATE movie_languages AS stored SET
        position = incoming.position
    FROM incoming
    WHERE incoming.changed
      AND stored.movie_id = incoming.movie_id
      AND stored.language_code = incoming.language_code
      AND stored.position IS DISTINCT FROM incoming.position
)
INSERT INTO movie_languages (movie_id, language_code, position)
SELECT incoming.movie_id, incoming.language_code, incoming.position
FROM incoming
WHERE NOT (incoming.changed AND EXISTS (
    SELECT
    FROM movie_languages AS stored
    WHERE stored.movie_id = incoming.movie_id
      AND stored.language_code = incoming.language_code
    OFFSET 0 -- or the planner reads the whole table to hash it
))
