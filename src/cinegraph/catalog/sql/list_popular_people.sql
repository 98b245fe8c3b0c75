-- Who made the films that most people ask for: directors and the first of the cast.
-- Parameters: films, page_size integer. Returns: columns of searching.FoundPerson, and 0. Locks: none.
-- Index: movies_popularity_index, primary key of credits.
WITH film AS MATERIALIZED (
    SELECT id, title, row_number() OVER (ORDER BY popularity DESC NULLS LAST, id DESC) AS place
    FROM (
        SELECT id, title, popularity
        FROM movies
        WHERE gone_at IS NULL AND NOT is_adult
        ORDER BY popularity DESC NULLS LAST, id DESC
        LIMIT %(films)s
    ) AS popular
), made AS (
    SELECT DISTINCT ON (did.person_id) did.person_id, film.title, film.place, did.kind, did.position
    FROM film
    INNER JOIN credits AS did ON did.movie_id = film.id
    WHERE did.job = 'Director' OR (did.kind = 'cast' AND did.position < 4)
    ORDER BY did.person_id, film.place
)
SELECT
    person.id, person.tmdb_id, person.name, person.known_for_department AS department,
    (SELECT count(DISTINCT did.movie_id) FROM credits AS did WHERE did.person_id = person.id) AS films,
    made.title AS known_for, 0 AS looked_at
FROM made
INNER JOIN people AS person ON person.id = made.person_id
ORDER BY made.place, made.kind, made.position
LIMIT %(page_size)s
