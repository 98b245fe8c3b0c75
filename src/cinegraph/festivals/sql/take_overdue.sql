-- What is to be asked for again, or was never answered while nobody asks: wanted from now on.
-- Parameters: denied_before, told_before, found_before timestamptz; "limit" integer. Returns: id, kind. Locks: the rows, in order of id; those that
-- somebody is at are left. Reads all lookups: once a day.
WITH overdue AS MATERIALIZED (
    SELECT lookup.id
    FROM festival_lookups AS lookup
    LEFT JOIN documents
        ON lookup.kind = 'person' AND documents.source = 'tmdb' AND documents.kind = 'person'
        AND documents.external_id = lookup.tmdb_id::text
    WHERE lookup.state = 'wanted'
       OR (lookup.state IN ('absent', 'unsure') AND lookup.asked_at < %(denied_before)s)
       -- Found, and nobody has fetched it: whoever wanted it was ended. One that is stored and not linked has another id there, day after day.
       OR (
            lookup.kind = 'film' AND lookup.state = 'found' AND lookup.asked_at < %(found_before)s
            AND NOT EXISTS (SELECT FROM movies WHERE movies.tmdb_id = lookup.tmdb_id)
            AND EXISTS (
                SELECT FROM nomination_films AS film
                WHERE (film.imdb_id = lookup.imdb_id OR (film.imdb_id IS NULL AND film.folded = lookup.folded))
                  AND film.movie_id IS NULL
                  AND NOT film.is_locked
            )
       )
       OR (lookup.kind = 'person' AND lookup.state IN ('found', 'credited') AND documents.checked_at < %(told_before)s)
    ORDER BY lookup.state <> 'wanted', documents.checked_at NULLS LAST, lookup.asked_at, lookup.id
    LIMIT %(limit)s
), locked AS MATERIALIZED (
    SELECT lookup.id
    FROM festival_lookups AS lookup
    INNER JOIN overdue ON overdue.id = lookup.id
    ORDER BY lookup.id
    FOR NO KEY UPDATE OF lookup SKIP LOCKED
)
UPDATE festival_lookups AS lookup SET state = 'wanted'
FROM locked
WHERE lookup.id = locked.id
RETURNING lookup.id, lookup.kind
