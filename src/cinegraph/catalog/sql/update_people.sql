-- Merge statements about people who are known: the later day wins, within a day the greater one (more popular first).
-- A repeated statement only moves its day, or the winner would depend on the order of storing.
-- Parameters: statements jsonb, [{"stated_on": date, "rows": [...]}], one entry a film; now timestamptz.
-- Returns: nothing. Locks: only the rows that change, in order of tmdb_id. Index: unique tmdb_id.
WITH said AS MATERIALIZED (
    SELECT DISTINCT ON (person.tmdb_id) person.*, film.stated_on
    FROM jsonb_to_recordset(%(statements)s::jsonb) AS film (stated_on date, rows jsonb)
    CROSS JOIN LATERAL jsonb_to_recordset(film.rows) AS person (
        tmdb_id integer, name text, original_name text, gender smallint, known_for_department text,
        profile_path text, popularity double precision, is_adult boolean
    )
    ORDER BY person.tmdb_id, film.stated_on DESC, coalesce(person.popularity, -1) DESC,
        person.name COLLATE "C" DESC, coalesce(person.original_name, '') COLLATE "C" DESC,
        coalesce(person.gender, 0) DESC, coalesce(person.known_for_department, '') COLLATE "C" DESC,
        coalesce(person.profile_path, '') COLLATE "C" DESC, person.is_adult DESC
), outdone AS MATERIALIZED (
    SELECT known.id, known.tmdb_id
    FROM said
    JOIN people AS known ON known.tmdb_id = said.tmdb_id
    WHERE (said.stated_on, coalesce(said.popularity, -1), said.name COLLATE "C",
           coalesce(said.original_name, '') COLLATE "C", coalesce(said.gender, 0),
           coalesce(said.known_for_department, '') COLLATE "C", coalesce(said.profile_path, '') COLLATE "C",
           said.is_adult)
        > (known.stated_on, coalesce(known.popularity, -1), known.name COLLATE "C",
           coalesce(known.original_name, '') COLLATE "C", coalesce(known.gender, 0),
           coalesce(known.known_for_department, '') COLLATE "C", coalesce(known.profile_path, '') COLLATE "C",
           known.is_adult)
    ORDER BY known.tmdb_id
    FOR NO KEY UPDATE OF known
)
UPDATE people SET
    name = said.name,
    original_name = said.original_name,
    gender = said.gender,
    known_for_department = said.known_for_department,
    profile_path = said.profile_path,
    popularity = said.popularity,
    is_adult = said.is_adult,
    stated_on = said.stated_on,
    updated_at = CASE
        WHEN (said.name, said.original_name, said.gender, said.known_for_department, said.profile_path,
              said.popularity, said.is_adult)
            IS DISTINCT FROM (people.name, people.original_name, people.gender, people.known_for_department,
                              people.profile_path, people.popularity, people.is_adult)
        THEN %(now)s
        ELSE people.updated_at
    END
FROM outdone
JOIN said ON said.tmdb_id = outdone.tmdb_id
WHERE people.id = outdone.id
