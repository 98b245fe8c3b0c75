-- Merge statements about genres: the later day wins, within a day the greater text.
-- A repeated statement only moves its day, or the winner would depend on the order of storing.
-- Parameters: statements jsonb, [{"stated_on": date, "rows": [...]}], one entry a film.
-- Returns: nothing. Locks: rows of genres, in order of tmdb_id. Index: unique tmdb_id.
INSERT INTO genres AS known (tmdb_id, name, stated_on)
SELECT DISTINCT ON (said.tmdb_id)
    said.tmdb_id, said.name, film.stated_on
FROM jsonb_to_recordset(%(statements)s::jsonb) AS film (stated_on date, rows jsonb)
CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (tmdb_id integer, name text)
ORDER BY
    said.tmdb_id,
    film.stated_on DESC,
    coalesce(said.name, '') COLLATE "C" DESC
ON CONFLICT (tmdb_id) DO UPDATE SET
    name = excluded.name,
    stated_on = excluded.stated_on
WHERE (excluded.stated_on, coalesce(excluded.name, '') COLLATE "C")
    > (known.stated_on, coalesce(known.name, '') COLLATE "C")
