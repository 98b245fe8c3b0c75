-- Who is credited in films. Parameters: movie_ids bigint[]. Returns: movie_id, person_id, name, department (cast for cast).
-- Locks: none. Index: credits by movie.
SELECT DISTINCT
    credit.movie_id, credit.person_id, people.name,
    CASE WHEN credit.kind = 'cast' THEN 'cast' ELSE coalesce(credit.department, '') END AS department
FROM credits AS credit
INNER JOIN people ON people.id = credit.person_id
WHERE credit.movie_id = ANY (%(movie_ids)s::bigint[])
