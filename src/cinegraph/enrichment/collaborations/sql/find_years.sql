-- Look up the first and latest year of pairs in their films; a statement of its own, so that it sees what others
-- committed before the pairs were locked.
-- Parameters: person_a_ids, person_b_ids bigint[], one entry each a pair, which the caller has locked.
-- Returns: nothing. Index: collaboration_people_person_index, primary keys.
UPDATE collaborations AS pair SET first_year = found.first_year, latest_year = found.latest_year
FROM unnest(%(person_a_ids)s::bigint[], %(person_b_ids)s::bigint[]) AS given (a_id, b_id)
CROSS JOIN LATERAL (
    SELECT min(film.year) AS first_year, max(film.year) AS latest_year
    FROM collaboration_people AS a
    INNER JOIN collaboration_people AS b ON b.movie_id = a.movie_id AND b.person_id = given.b_id
    INNER JOIN collaboration_movies AS film ON film.movie_id = a.movie_id
    WHERE a.person_id = given.a_id
) AS found
WHERE pair.person_a_id = given.a_id AND pair.person_b_id = given.b_id
