-- What a chain of films looks like. Parameters: movie_ids, from_ids, to_ids bigint[], one entry each a film.
-- Returns: film_tmdb_id, title, year, from_roles, to_roles, person_tmdb_id and name (of whom it leads to), in the chain's order.
-- Index: primary keys.
SELECT
    film.tmdb_id AS film_tmdb_id, film.title, counted.year, one.roles AS from_roles, other.roles AS to_roles,
    person.tmdb_id AS person_tmdb_id, person.name
FROM unnest(%(movie_ids)s::bigint[], %(from_ids)s::bigint[], %(to_ids)s::bigint[])
    WITH ORDINALITY AS link (movie_id, from_id, to_id, position)
INNER JOIN movies AS film ON film.id = link.movie_id
INNER JOIN collaboration_movies AS counted ON counted.movie_id = link.movie_id
INNER JOIN collaboration_people AS one ON one.movie_id = link.movie_id AND one.person_id = link.from_id
INNER JOIN collaboration_people AS other ON other.movie_id = link.movie_id AND other.person_id = link.to_id
INNER JOIN people AS person ON person.id = link.to_id
ORDER BY link.position
