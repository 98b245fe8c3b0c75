-- Make the credits of the given films equal to what their source says.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie": tmdb_id, "changed": is it stored already, "rows": [...]}].
-- Returns: nothing. Locks: rows of credits of these films, whose documents the caller has locked: nobody else
-- writes them meanwhile, so no conflict needs handling (ON CONFLICT costs a quarter more). Index: primary key.
WITH film AS MATERIALIZED (
    SELECT movies.id AS movie_id, given.changed, given.rows
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (movie integer, changed boolean, rows jsonb)
    JOIN movies ON movies.tmdb_id = given.movie
), incoming AS MATERIALIZED (
    SELECT
        film.movie_id, film.changed, said.credit_id, people.id AS person_id, said.kind, said.department,
        said.job, said."character" AS character, said."position" AS position
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (
        credit_id text, person_tmdb_id integer, kind text, department text, job text, "character" text,
        "position" integer
    )
    LEFT JOIN people ON people.tmdb_id = said.person_tmdb_id
), gone AS (
    DELETE FROM credits AS stored
    WHERE stored.movie_id IN (SELECT movie_id FROM film WHERE changed)
      AND (stored.movie_id, stored.credit_id)
        NOT IN (SELECT movie_id, credit_id FROM incoming)
), altered AS (
    UPDATE credits AS stored SET
        person_id = incoming.person_id,
        kind = incoming.kind,
        department = incoming.department,
        job = incoming.job,
        character = incoming.character,
        position = incoming.position
    FROM incoming
    WHERE incoming.changed
      AND stored.movie_id = incoming.movie_id
      AND stored.credit_id = incoming.credit_id
      AND (
          stored.person_id, stored.kind, stored.department, stored.job, stored.character, stored.position
      )
        IS DISTINCT FROM (
            incoming.person_id, incoming.kind, incoming.department, incoming.job, incoming.character,
            incoming.position
        )
)
INSERT INTO credits (movie_id, credit_id, person_id, kind, department, job, character, position)
SELECT
    incoming.movie_id, incoming.credit_id, incoming.person_id, incoming.kind, incoming.department,
    incoming.job, incoming.character, incoming.position
FROM incoming
WHERE NOT (incoming.changed AND EXISTS (
    SELECT
    FROM credits AS stored
    WHERE stored.movie_id = incoming.movie_id
      AND stored.credit_id = incoming.credit_id
    OFFSET 0 -- or the planner reads the whole table to hash it
))
