-- One person as a page shows them. Parameters: person_id bigint. Returns: the columns of showing.PersonShown. Locks: none.
-- Index: primary keys, documents by theirs.
SELECT
    person.id, person.tmdb_id, coalesce(person.imdb_id, details.imdb_id) AS imdb_id, person.name, person.original_name,
    person.gender, person.known_for_department AS department, person.profile_path, person.popularity,
    coalesce(details.also_known_as, '{}') AS also_known_as, details.born_on, details.died_on, details.birthplace,
    details.biography, details.homepage, details.stated_at, person.stated_on, person.created_at, person.updated_at
FROM people AS person
LEFT JOIN person_details AS details ON details.person_id = person.id
WHERE person.id = %(person_id)s
