-- People of a film who made most films with one another. Parameters: movie_id bigint; most integer.
-- Returns: a_id, a_name, b_id, b_name (ours), films, first_year, latest_year, of pairs with at least two. Locks: none.
-- Index: primary keys.
SELECT
    one.person_id AS a_id, a.name AS a_name, other.person_id AS b_id, b.name AS b_name, pair.films, pair.first_year,
    pair.latest_year
FROM collaboration_people AS one
INNER JOIN collaboration_people AS other ON other.movie_id = one.movie_id AND other.person_id > one.person_id
INNER JOIN collaborations AS pair ON pair.person_a_id = one.person_id AND pair.person_b_id = other.person_id
INNER JOIN people AS a ON a.id = one.person_id
INNER JOIN people AS b ON b.id = other.person_id
WHERE one.movie_id = %(movie_id)s AND pair.films > 1
ORDER BY pair.films DESC, pair.latest_year DESC NULLS LAST, one.person_id, other.person_id
LIMIT %(most)s
