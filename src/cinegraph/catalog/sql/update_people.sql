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
    -- With what was said: joined again, by no index, a thousand people would be compared with a thousand.
    SELECT known.id, said.*
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
    name = outdone.name,
    original_name = outdone.original_name,
    gender = outdone.gender,
    known_for_department = outdone.known_for_department,
    profile_path = outdone.profile_path,
    popularity = outdone.popularity,
    is_adult = outdone.is_adult,
    stated_on = outdone.stated_on,
    updated_at = CASE
        WHEN (outdone.name, outdone.original_name, outdone.gender, outdone.known_for_department, outdone.profile_path,
              outdone.popularity, outdone.is_adult)
            IS DISTINCT FROM (people.name, people.original_name, people.gender, people.known_for_department,
                              people.profile_path, people.popularity, people.is_adult)
        THEN %(now)s
        ELSE people.updated_at
    END
FROM outdone
WHERE people.id = outdone.id
