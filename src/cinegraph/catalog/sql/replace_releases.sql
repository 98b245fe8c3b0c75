-- Make the releases of the given films equal to what their source says.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie": tmdb_id, "changed": is it stored already, "rows": [...]}].
-- Returns: nothing. Locks: rows of releases of these films, whose documents the caller has locked: nobody else
-- writes them meanwhile, so no conflict needs handling (ON CONFLICT costs a quarter more). Index: primary key.
WITH film AS MATERIALIZED (
    SELECT movies.id AS movie_id, given.changed, given.rows
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (movie integer, changed boolean, rows jsonb)
    JOIN movies ON movies.tmdb_id = given.movie
), incoming AS MATERIALIZED (
    SELECT
        film.movie_id, film.changed, said.country_code, said.kind, said.released_at, said.language_code,
        coalesce(said.certification, '') AS certification, coalesce(said.note, '') AS note
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (
        country_code text, kind smallint, released_at timestamptz, language_code text,
        certification text, note text
    )
), gone AS (
    DELETE FROM releases AS stored
    WHERE stored.movie_id IN (SELECT movie_id FROM film WHERE changed)
      AND (
          stored.movie_id, stored.country_code, stored.kind, stored.released_at, stored.language_code,
          stored.certification, stored.note
      )
        NOT IN (SELECT movie_id, country_code, kind, released_at, language_code, certification, note FROM incoming)
)
INSERT INTO releases (movie_id, country_code, kind, released_at, language_code, certification, note)
SELECT
    incoming.movie_id, incoming.country_code, incoming.kind, incoming.released_at,
    incoming.language_code, incoming.certification, incoming.note
FROM incoming
WHERE NOT (incoming.changed AND EXISTS (
    SELECT
    FROM releases AS stored
    WHERE stored.movie_id = incoming.movie_id
      AND stored.country_code = incoming.country_code
      AND stored.kind = incoming.kind
      AND stored.released_at = incoming.released_at
      AND stored.language_code = incoming.language_code
      AND stored.certification = incoming.certification
      AND stored.note = incoming.note
    OFFSET 0 -- or the planner reads the whole table to hash it
))
