-- Store people not known yet. Those known are left alone here, so that their rows are neither locked nor rewritten.
-- Parameters: statements jsonb, [{"stated_on": date, "rows": [...]}], one entry a film; now timestamptz.
-- Returns: nothing. Locks: the new rows, in order of tmdb_id. Index: unique tmdb_id.
INSERT INTO people (
    tmdb_id, name, original_name, gender, known_for_department, profile_path, popularity, is_adult, stated_on,
    created_at, updated_at
)
SELECT DISTINCT ON (said.tmdb_id)
    said.tmdb_id, said.name, said.original_name, said.gender, said.known_for_department, said.profile_path,
    said.popularity, said.is_adult, film.stated_on, %(now)s, %(now)s
FROM jsonb_to_recordset(%(statements)s::jsonb) AS film (stated_on date, rows jsonb)
CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS said (
    tmdb_id integer, name text, original_name text, gender smallint, known_for_department text, profile_path text,
    popularity double precision, is_adult boolean
)
WHERE NOT EXISTS (SELECT FROM people WHERE people.tmdb_id = said.tmdb_id)
-- The same order as in update_people.sql decides between two statements of one group.
ORDER BY said.tmdb_id, film.stated_on DESC, coalesce(said.popularity, -1) DESC,
    said.name COLLATE "C" DESC, coalesce(said.original_name, '') COLLATE "C" DESC, coalesce(said.gender, 0) DESC,
    coalesce(said.known_for_department, '') COLLATE "C" DESC, coalesce(said.profile_path, '') COLLATE "C" DESC,
    said.is_adult DESC
ON CONFLICT (tmdb_id) DO NOTHING
