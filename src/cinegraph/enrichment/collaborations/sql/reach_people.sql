-- The people of films, each with one of these films. Parameters: ids bigint[] (of films). Returns: person_id, movie_id.
-- Index: primary key of collaboration_people, alone.
SELECT person_id, min(movie_id)
FROM collaboration_people
WHERE movie_id = ANY (%(ids)s::bigint[])
GROUP BY person_id
