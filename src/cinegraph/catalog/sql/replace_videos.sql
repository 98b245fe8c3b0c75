-- Make the videos of the given films equal to what their source says.
-- Rows that say the same are not touched.
-- Parameters: films jsonb, [{"movie": tmdb_id, "changed": is it stored already, "rows": [...]}].
-- Returns: nothing. Locks: rows of videos of these films, whose documents the caller has locked: nobody else
-- writes them meanwhile, so no conflict needs handling (ON CONFLICT costs a quarter more). Index: primary key.
WITH film AS MATERIALIZED (
    SELECT movies.id AS movie_id, given.changed, given.rows
    FROM jsonb_to_recordset(%(films)s::jsonb) AS given (movie integer, changed boolean, rows jsonb)
    JOIN movies ON movies.tmdb_id = given.movie
), incoming AS MATERIALIZED (
    SELECT
        film.movie_id, film.changed, said.video_id, said.site, said.key, said.name, said.kind,
        said.language_code, said.country_code, said.height_pixels, said.is_official, said.published_at
    FROM film
    CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (
        video_id text, site text, key text, name text, kind text, language_code text, country_code text,
        height_pixels integer, is_official boolean, published_at timestamptz
    )
), gone AS (
    DELETE FROM videos AS stored
    WHERE stored.movie_id IN (SELECT movie_id FROM film WHERE changed)
      AND (stored.movie_id, stored.video_id)
        NOT IN (SELECT movie_id, video_id FROM incoming)
), altered AS (
    UPDATE videos AS stored SET
        site = incoming.site,
        key = incoming.key,
        name = incoming.name,
        kind = incoming.kind,
        language_code = incoming.language_code,
        country_code = incoming.country_code,
        height_pixels = incoming.height_pixels,
        is_official = incoming.is_official,
        published_at = incoming.published_at
    FROM incoming
    WHERE incoming.changed
      AND stored.movie_id = incoming.movie_id
      AND stored.video_id = incoming.video_id
      AND (
          stored.site, stored.key, stored.name, stored.kind, stored.language_code, stored.country_code,
          stored.height_pixels, stored.is_official, stored.published_at
      )
        IS DISTINCT FROM (
            incoming.site, incoming.key, incoming.name, incoming.kind, incoming.language_code,
            incoming.country_code, incoming.height_pixels, incoming.is_official, incoming.published_at
        )
)
INSERT INTO videos (
    movie_id, video_id, site, key, name, kind, language_code, country_code, height_pixels,
    is_official, published_at
)
SELECT
    incoming.movie_id, incoming.video_id, incoming.site, incoming.key, incoming.name, incoming.kind,
    incoming.language_code, incoming.country_code, incoming.height_pixels, incoming.is_official,
    incoming.published_at
FROM incoming
WHERE NOT (incoming.changed AND EXISTS (
    SELECT
    FROM videos AS stored
    WHERE stored.movie_id = incoming.movie_id
      AND stored.video_id = incoming.video_id
    OFFSET 0 -- or the planner reads the whole table to hash it
))
