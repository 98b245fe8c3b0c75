-- The films of people, each with one of these people. Parameters: ids bigint[] (of people). Returns: movie_id, person_id.
-- Index: collaboration_people_person_index, alone.
SELECT movie_id, min(person_id)
FROM collaboration_people
WHERE person_id = ANY (%(ids)s::bigint[])
GROUP BY movie_id
