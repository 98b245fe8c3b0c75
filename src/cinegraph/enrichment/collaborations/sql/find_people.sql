-- People of a name, or one by TMDB's id; those who made the most films first.
-- Parameters: name text (case and accents do not matter) or null; tmdb_id integer or null. Returns: id, tmdb_id, name,
-- known_for_department, films (that count), and the title of the one with most people asking for it, of each.
-- Index: people_name_index, unique tmdb_id, collaboration_people_person_index.
SELECT person.id, person.tmdb_id, person.name, person.known_for_department AS department, work.films, best.title AS known_for
FROM (
    SELECT * FROM people WHERE fold_name(name) COLLATE "C" = fold_name(%(name)s::text) COLLATE "C"
    UNION ALL
    SELECT * FROM people WHERE tmdb_id = %(tmdb_id)s::integer
) AS person
CROSS JOIN LATERAL (
    SELECT count(*) AS films FROM collaboration_people AS did WHERE did.person_id = person.id
) AS work
LEFT JOIN LATERAL (
    SELECT film.title
    FROM collaboration_people AS did
    INNER JOIN movies AS film ON film.id = did.movie_id
    WHERE did.person_id = person.id
    ORDER BY film.popularity DESC NULLS LAST, film.id
    LIMIT 1
) AS best ON true
ORDER BY work.films DESC, person.popularity DESC NULLS LAST, person.id
