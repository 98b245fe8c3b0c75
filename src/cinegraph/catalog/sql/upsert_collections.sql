-- Merge statements about series of films: the later day wins, within a day the greater text.
-- A repeated statement only moves its day, or the winner would depend on the order of storing.
-- Parameters: statements jsonb, [{"stated_on": date, "rows": [...]}], one entry a film.
-- Returns: nothing. Locks: rows of collections, in order of tmdb_id. Index: unique tmdb_id.
INSERT INTO collections AS known (tmdb_id, name, poster_path, backdrop_path, stated_on)
SELECT DISTINCT ON (said.tmdb_id)
    said.tmdb_id, said.name, said.poster_path, said.backdrop_path, film.stated_on
FROM jsonb_to_recordset(%(statements)s::jsonb) AS film (stated_on date, rows jsonb)
CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (tmdb_id integer, name text, poster_path text, backdrop_path text)
ORDER BY
    said.tmdb_id,
    film.stated_on DESC,
    coalesce(said.name, '') COLLATE "C" DESC,
    coalesce(said.poster_path, '') COLLATE "C" DESC,
    coalesce(said.backdrop_path, '') COLLATE "C" DESC
ON CONFLICT (tmdb_id) DO UPDATE SET
    name = excluded.name,
    poster_path = excluded.poster_path,
    backdrop_path = excluded.backdrop_path,
    stated_on = excluded.stated_on
WHERE (
    excluded.stated_on, coalesce(excluded.name, '') COLLATE "C",
    coalesce(excluded.poster_path, '') COLLATE "C", coalesce(excluded.backdrop_path, '') COLLATE "C"
)
    > (
        known.stated_on, coalesce(known.name, '') COLLATE "C",
        coalesce(known.poster_path, '') COLLATE "C", coalesce(known.backdrop_path, '') COLLATE "C"
    )
