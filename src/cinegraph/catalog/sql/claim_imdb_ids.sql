-- Write down which IMDb id the documents of films state; a document without one takes back nothing.
-- Parameters: tmdb_ids integer[], imdb_ids text[], stated_ats timestamptz[].
-- Returns: nothing. Locks: the rows, in order; the caller has locked the ids. Index: unique tmdb_id, primary key.
INSERT INTO imdb_claims AS known (movie_id, imdb_id, stated_at)
SELECT movies.id, given.imdb_id, given.stated_at
FROM unnest(%(tmdb_ids)s::integer[], %(imdb_ids)s::text[], %(stated_ats)s::timestamptz[])
    AS given (tmdb_id, imdb_id, stated_at)
INNER JOIN movies ON movies.tmdb_id = given.tmdb_id
ORDER BY movies.id
ON CONFLICT (movie_id) DO UPDATE SET imdb_id = excluded.imdb_id, stated_at = excluded.stated_at
WHERE (known.imdb_id, known.stated_at) IS DISTINCT FROM (excluded.imdb_id, excluded.stated_at)
