-- Make the keywords of the given films equal to what their source says.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie": tmdb_id, "changed": is it stored already, "rows": [...]}].
-- Returns: nothing. Locks: rows of movie_keywords of these films, whose documents the caller has locked: nobody else
-- writes them meanwhile, so no conflict needs handling (ON CONFLICT costs a quarter more). Index: primary key.
WITH film AS MATERIALIZED (
    SELECT movies.id AS movie_id, given.changed, given.rows
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (movie integer, changed boolean, rows jsonb)
    JOIN movies ON movies.tmdb_id = given.movie
), incoming AS MATERIALIZED (
    SELECT film.movie_id, film.changed, keywords.id AS keyword_id
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (tmdb_id integer)
    LEFT JOIN keywords ON keywords.tmdb_id = said.tmdb_id
), gone AS (
    DELETE FROM movie_keywords AS stored
    WHERE stored.movie_id IN (SELECT movie_id FROM film WHERE changed)
      AND (stored.movie_id, stored.keyword_id)
        NOT IN (SELECT movie_id, keyword_id FROM incoming)
)
INSERT INTO movie_keywords (movie_id, keyword_id)
SELECT incoming.movie_id, incoming.keyword_id
FROM incoming
WHERE NOT (incoming.changed AND EXISTS (
    SELECT
    FROM movie_keywords AS stored
    WHERE stored.movie_id = incoming.movie_id
      AND stored.keyword_id = incoming.keyword_id
    OFFSET 0 -- or the planner reads the whole table to hash it
))
