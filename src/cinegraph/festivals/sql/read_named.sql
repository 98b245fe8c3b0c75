-- Films and nominees of an edition's nominations as they are stored.
-- Parameters: ceremony_id bigint. Returns: nomination_id, position, is_film, name (a film's title), imdb_ids text[], is_locked;
-- by nomination and position. Locks: none. Index: ceremony, primary keys.
SELECT named.*
FROM festival_nominations AS nomination
CROSS JOIN LATERAL (
    SELECT film.nomination_id, film.position, true AS is_film, film.title AS name,
        array_remove(ARRAY[film.imdb_id], NULL) AS imdb_ids, film.is_locked
    FROM nomination_films AS film
    WHERE film.nomination_id = nomination.id
    UNION ALL
    SELECT nominee.nomination_id, nominee.position, false, nominee.name, nominee.imdb_ids, nominee.is_locked
    FROM nomination_people AS nominee
    WHERE nominee.nomination_id = nomination.id
) AS named
WHERE nomination.ceremony_id = %(ceremony_id)s
ORDER BY named.nomination_id, named.is_film, named.position
