-- People whose names have all words asked for: of at most so many that are looked at, those called exactly so first, then
-- those whom most people ask for.
-- Parameters: query text (a tsquery); folded text; most, page_size integer.
-- Returns: columns of searching.FoundPerson, and how many were looked at. Locks: none.
-- Index: people_words_index, collaboration_people_person_index.
WITH hit AS MATERIALIZED (
    SELECT person.id, person.popularity, fold_title(person.name) = %(folded)s AS is_called_so
    FROM people AS person
    WHERE search_words(fold_title(person.name)) @@ %(query)s::tsquery AND NOT person.is_adult
    LIMIT %(most)s
), best AS (
    SELECT hit.*, (SELECT count(*) FROM hit) AS looked_at
    FROM hit
    ORDER BY hit.is_called_so DESC, hit.popularity DESC NULLS LAST, hit.id
    LIMIT %(page_size)s
)
SELECT
    person.id, person.tmdb_id, person.name, person.known_for_department AS department,
    (SELECT count(DISTINCT did.movie_id) FROM credits AS did WHERE did.person_id = person.id) AS films,
    (
        SELECT film.title
        FROM credits AS did
        INNER JOIN movies AS film ON film.id = did.movie_id
        WHERE did.person_id = person.id
        ORDER BY film.popularity DESC NULLS LAST, film.id
        LIMIT 1
    ) AS known_for,
    best.looked_at
FROM best
INNER JOIN people AS person ON person.id = best.id
ORDER BY best.is_called_so DESC, best.popularity DESC NULLS LAST, best.id
