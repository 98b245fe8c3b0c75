-- Make the production companies of the given films equal to what their source says.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie": tmdb_id, "changed": is it stored already, "rows": [...]}].
-- Returns: nothing. Locks: rows of movie_companies of these films, whose documents the caller has locked: nobody else
-- writes them meanwhile, so no conflict needs handling (ON CONFLICT costs a quarter more). Index: primary key.
WITH film AS MATERIALIZED (
    SELECT movies.id AS movie_id, given.changed, given.rows
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (movie integer, changed boolean, rows jsonb)
    JOIN movies ON movies.tmdb_id = given.movie
), incoming AS MATERIALIZED (
    SELECT
        film.movie_id, film.changed, companies.id AS company_id, said.place - 1 AS position
    FROM film
    CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(film.rows) AS (tmdb_id integer)) WITH ORDINALITY AS said (tmdb_id, place)
    LEFT JOIN companies ON companies.tmdb_id = said.tmdb_id
), gone AS (
    DELETE FROM movie_companies AS stored
    WHERE stored.movie_id IN (SELECT movie_id FROM film WHERE changed)
      AND (stored.movie_id, stored.company_id)
        NOT IN (SELECT movie_id, company_id FROM incoming)
), altered AS (
    UPDATE movie_companies AS stored SET
        position = incoming.position
    FROM incoming
    WHERE incoming.changed
      AND stored.movie_id = incoming.movie_id
      AND stored.company_id = incoming.company_id
      AND stored.position IS DISTINCT FROM incoming.position
)
INSERT INTO movie_companies (movie_id, company_id, position)
SELECT incoming.movie_id, incoming.company_id, incoming.position
FROM incoming
WHERE NOT (incoming.changed AND EXISTS (
    SELECT
    FROM movie_companies AS stored
    WHERE stored.movie_id = incoming.movie_id
      AND stored.company_id = incoming.company_id
    OFFSET 0 -- or the planner reads the whole table to hash it
))
