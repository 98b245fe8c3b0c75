-- Let people have the IMDb ids that a source says of them.
-- Parameters: details jsonb, [{"tmdb_id": integer, "imdb_id": text, ...}]; now timestamptz. Returns: nothing.
-- Locks: the rows that change, in order of tmdb_id. Index: unique tmdb_id.
WITH differing AS MATERIALIZED (
    SELECT person.id, said.imdb_id
    FROM jsonb_to_recordset(%(details)s::jsonb) AS said (tmdb_id integer, imdb_id text)
    INNER JOIN people AS person ON person.tmdb_id = said.tmdb_id
    WHERE person.imdb_id IS DISTINCT FROM said.imdb_id
    ORDER BY person.tmdb_id
    FOR NO KEY UPDATE OF person
)
UPDATE people AS person SET imdb_id = differing.imdb_id, updated_at = %(now)s
FROM differing
WHERE person.id = differing.id
