-- Cut people to their ids whom no film names any more, and of whom the source last said something longer ago than its
-- terms allow keeping it; what it said of people themselves was forgotten before, where that is as old.
-- Parameters: before date; now timestamptz. Returns: nothing; its row count is how many. Locks: the people, in order of id;
-- those that somebody is at are left for the next time. Reads every person and the index of credits: once a day.
WITH locked AS MATERIALIZED (
    SELECT person.id
    FROM people AS person
    WHERE person.tmdb_id IS NOT NULL
      AND person.stated_on < %(before)s
      AND person.name <> 'TMDB ' || person.tmdb_id
      AND NOT EXISTS (SELECT FROM credits WHERE credits.person_id = person.id)
      AND NOT EXISTS (SELECT FROM person_details AS details WHERE details.person_id = person.id)
    ORDER BY person.id
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE people AS person SET
    name = 'TMDB ' || person.tmdb_id,
    original_name = NULL,
    gender = NULL,
    known_for_department = NULL,
    profile_path = NULL,
    popularity = NULL,
    updated_at = %(now)s
FROM locked
WHERE person.id = locked.id
