-- Make the ids on other sites of the given films equal to what their source says.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie": tmdb_id, "changed": is it stored already, "rows": [...]}].
-- Returns: nothing. Locks: rows of movie_external_ids of these films, whose documents the caller has locked: nobody else
-- writes them meanwhile, so no conflict needs handling (ON CONFLICT costs a quarter more). Index: primary key.
WITH film AS MATERIALIZED (
    SELECT movies.id AS movie_id, given.changed, given.rows
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (movie integer, changed boolean, rows jsonb)
    JOIN movies ON movies.tmdb_id = given.movie
), incoming AS MATERIALIZED (
    SELECT film.movie_id, film.changed, said.site, said.value
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (site text, value text)
), gone AS (
    DELETE FROM movie_external_ids AS stored
    WHERE stored.movie_id IN (SELECT movie_id FROM film WHERE changed)
      AND stored.site <> 'imdb' -- an empty answer never takes an IMDb id away
      AND (stored.movie_id, stored.site)
        NOT IN (SELECT movie_id, site FROM incoming)
), altered AS (
    UPDATE movie_external_ids AS stored SET
        value = incoming.value
    FROM incoming
    WHERE incoming.changed
      AND stored.movie_id = incoming.movie_id
      AND stored.site = incoming.site
      AND stored.value IS DISTINCT FROM incoming.value
)
INSERT INTO movie_external_ids (movie_id, site, value)
SELECT incoming.movie_id, incoming.site, incoming.value
FROM incoming
WHERE NOT (incoming.changed AND EXISTS (
    SELECT
    FROM movie_external_ids AS stored
    WHERE stored.movie_id = incoming.movie_id
      AND stored.site = incoming.site
    OFFSET 0 -- or the planner reads the whole table to hash it
))
