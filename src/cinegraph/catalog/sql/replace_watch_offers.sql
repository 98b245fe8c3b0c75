-- Make the offers to watch of the given films equal to what their source says.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie": tmdb_id, "changed": is it stored already, "rows": [...]}].
-- Returns: nothing. Locks: rows of watch_offers of these films, whose documents the caller has locked: nobody else
-- writes them meanwhile, so no conflict needs handling (ON CONFLICT costs a quarter more). Index: primary key.
WITH film AS MATERIALIZED (
    SELECT movies.id AS movie_id, given.changed, given.rows
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (movie integer, changed boolean, rows jsonb)
    JOIN movies ON movies.tmdb_id = given.movie
), incoming AS MATERIALIZED (
    SELECT
        film.movie_id, film.changed, said.country_code, said.kind, watch_providers.id AS provider_id,
        said."position" AS position
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (country_code text, kind text, provider_tmdb_id integer, "position" integer)
    LEFT JOIN watch_providers ON watch_providers.tmdb_id = said.provider_tmdb_id
), gone AS (
    DELETE FROM watch_offers AS stored
    WHERE stored.movie_id IN (SELECT movie_id FROM film WHERE changed)
      AND (stored.movie_id, stored.country_code, stored.kind, stored.provider_id)
        NOT IN (SELECT movie_id, country_code, kind, provider_id FROM incoming)
), altered AS (
    UPDATE watch_offers AS stored SET
        position = incoming.position
    FROM incoming
    WHERE incoming.changed
      AND stored.movie_id = incoming.movie_id
      AND stored.country_code = incoming.country_code
      AND stored.kind = incoming.kind
      AND stored.provider_id = incoming.provider_id
      AND stored.position IS DISTINCT FROM incoming.position
)
INSERT INTO watch_offers (movie_id, country_code, kind, provider_id, position)
SELECT
    incoming.movie_id, incoming.country_code, incoming.kind, incoming.provider_id, incoming.position
FROM incoming
WHERE NOT (incoming.changed AND EXISTS (
    SELECT
    FROM watch_offers AS stored
    WHERE stored.movie_id = incoming.movie_id
      AND stored.country_code = incoming.country_code
      AND stored.kind = incoming.kind
      AND stored.provider_id = incoming.provider_id
    OFFSET 0 -- or the planner reads the whole table to hash it
))
