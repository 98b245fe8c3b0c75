-- Give stored films the values of a list, where it says something else and was made after their document was last
-- received: what was said last counts. upsert_movies.sql decides the same way when a document is stored.
-- Parameters: source text, listed_at timestamptz (when the list was made), now timestamptz.
-- Returns: nothing; its row count is how many. Locks: these films, which lock_relisted_movies.sql has locked.
-- Index: unique tmdb_id, primary keys of documents and partial_documents.
UPDATE movies SET
    popularity = staged.popularity,
    is_adult = staged.is_adult,
    is_video = staged.is_video,
    updated_at = %(now)s
FROM export_staging AS staged
WHERE movies.tmdb_id = staged.tmdb_id
  AND (movies.popularity, movies.is_adult, movies.is_video)
    IS DISTINCT FROM (staged.popularity, staged.is_adult, staged.is_video)
  AND NOT EXISTS (
    SELECT
    FROM documents
    WHERE documents.source = %(source)s
      AND documents.kind = 'movie'
      AND documents.external_id = staged.tmdb_id::text
      AND documents.checked_at >= %(listed_at)s
  )
  AND NOT EXISTS (
    SELECT
    FROM partial_documents
    WHERE partial_documents.source = %(source)s
      AND partial_documents.kind = 'movie'
      AND partial_documents.external_id = staged.tmdb_id::text
      AND partial_documents.checked_at >= %(listed_at)s
  )
