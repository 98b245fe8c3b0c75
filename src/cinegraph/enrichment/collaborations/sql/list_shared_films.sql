-- The films that a person made with each of others, the newest first. Parameters: person_id bigint; tmdb_ids integer[] (of the
-- others); most integer (films of each). Returns: tmdb_id, movie_id, title, year. Locks: none.
-- Index: unique tmdb_id, collaboration_people_person_index, primary keys.
SELECT other.tmdb_id, shared.movie_id, shared.title, shared.year
FROM unnest(%(tmdb_ids)s::integer[]) AS other (tmdb_id)
INNER JOIN people AS person ON person.tmdb_id = other.tmdb_id
CROSS JOIN LATERAL (
    SELECT film.id AS movie_id, film.title, extract(YEAR FROM film.release_date)::integer AS year
    FROM collaboration_people AS one
    INNER JOIN collaboration_people AS two ON two.movie_id = one.movie_id AND two.person_id = person.id
    INNER JOIN movies AS film ON film.id = one.movie_id
    WHERE one.person_id = %(person_id)s
    ORDER BY film.release_date DESC NULLS LAST, film.id DESC
    LIMIT %(most)s
) AS shared
