-- Who is credited in films. Parameters: movie_ids bigint[]. Returns: movie_id, person_id, name, department (cast for cast),
-- tmdb_id, imdb_id (null: not known), also_known_as. Locks: none. Index: credits by movie; primary keys.
SELECT DISTINCT
    credit.movie_id, credit.person_id, people.name,
    CASE WHEN credit.kind = 'cast' THEN 'cast' ELSE coalesce(credit.department, '') END AS department,
    people.tmdb_id, people.imdb_id, coalesce(details.also_known_as, '{}') AS also_known_as
FROM credits AS credit
INNER JOIN people ON people.id = credit.person_id
LEFT JOIN person_details AS details ON details.person_id = people.id
WHERE credit.movie_id = ANY (%(movie_ids)s::bigint[])
