-- Make one source's recommendations of the given films equal to what their source says.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie": tmdb_id, "changed": is it stored already, "rows": [...]}]; source text.
-- Returns: nothing. Locks: rows of source_recommendations of these films, whose documents the caller has locked: nobody else
-- writes them meanwhile, so no conflict needs handling (ON CONFLICT costs a quarter more). Index: primary key.
WITH film AS MATERIALIZED (
    SELECT movies.id AS movie_id, given.changed, given.rows
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (movie integer, changed boolean, rows jsonb)
    JOIN movies ON movies.tmdb_id = given.movie
), incoming AS MATERIALIZED (
    SELECT
        film.movie_id, film.changed, %(source)s::text AS source,
        said.tmdb_id::integer AS recommended_tmdb_id, said.place - 1 AS position
    FROM film
    CROSS JOIN LATERAL jsonb_array_elements_text(film.rows) WITH ORDINALITY AS said (tmdb_id, place)
), gone AS (
    DELETE FROM source_recommendations AS stored
    WHERE stored.movie_id IN (SELECT movie_id FROM film WHERE changed)
      AND stored.source = %(source)s
      AND (stored.movie_id, stored.source, stored.recommended_tmdb_id)
        NOT IN (SELECT movie_id, source, recommended_tmdb_id FROM incoming)
), altered AS (
    UPDATE source_recommendations AS stored SET
        position = incoming.position
    FROM incoming
    WHERE incoming.changed
      AND stored.movie_id = incoming.movie_id
      AND stored.source = incoming.source
      AND stored.recommended_tmdb_id = incoming.recommended_tmdb_id
      AND stored.position IS DISTINCT FROM incoming.position
)
INSERT INTO source_recommendations (movie_id, source, recommended_tmdb_id, position)
SELECT
    incoming.movie_id, incoming.source, incoming.recommended_tmdb_id, incoming.position
FROM incoming
WHERE NOT (incoming.changed AND EXISTS (
    SELECT
    FROM source_recommendations AS stored
    WHERE stored.movie_id = incoming.movie_id
      AND stored.source = incoming.source
      AND stored.recommended_tmdb_id = incoming.recommended_tmdb_id
    OFFSET 0 -- or the planner reads the whole table to hash it
))
