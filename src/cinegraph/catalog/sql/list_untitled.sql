-- The films that have ratings or facts of a second source although it has no title of their IMDb id.
-- Parameters: source, kind text. Returns: tmdb_id, ascending. Locks: none. Reads every rating and fact.
SELECT movies.tmdb_id
FROM (
    SELECT movie_id FROM ratings WHERE source = %(source)s
    UNION
    SELECT movie_id FROM movie_facts WHERE source = %(source)s
) AS rated
INNER JOIN movies ON movies.id = rated.movie_id
WHERE NOT EXISTS (
    SELECT
    FROM documents
    WHERE documents.source = %(source)s AND documents.kind = %(kind)s AND documents.external_id = movies.imdb_id
)
ORDER BY movies.tmdb_id
