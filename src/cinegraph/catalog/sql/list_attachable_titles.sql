-- What a second source says, or has said, of some films: their stored titles, and films that have rows without one.
-- Parameters: source, kind text; tmdb_ids integer[].
-- Returns: id and tmdb_id of the film; external_id, body_gzip, sha256, fetched_at of its document, null where there is none.
-- Locks: none. Index: unique tmdb_id; primary keys of documents, ratings, movie_facts.
SELECT
    movies.id, movies.tmdb_id, documents.external_id, documents.body_gzip, documents.sha256, documents.fetched_at
FROM movies
LEFT JOIN documents ON documents.source = %(source)s
  AND documents.kind = %(kind)s
  AND documents.external_id = movies.imdb_id
WHERE movies.tmdb_id = ANY (%(tmdb_ids)s::integer[])
  AND (
      documents.external_id IS NOT NULL
      OR EXISTS (SELECT FROM ratings WHERE ratings.movie_id = movies.id AND ratings.source = %(source)s)
      OR EXISTS (SELECT FROM movie_facts WHERE movie_facts.movie_id = movies.id AND movie_facts.source = %(source)s)
  )
ORDER BY movies.tmdb_id
