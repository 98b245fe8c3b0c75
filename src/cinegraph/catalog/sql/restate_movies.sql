-- Give films whose document came again unchanged what was said last: by the document, which has just been received, or
-- by the newest list that names the film, at 08:00 UTC of its day. upsert_movies.sql decides the same way.
-- Parameters: source, kind text (of the documents); films jsonb (array of objects); now timestamptz.
-- Returns: nothing. Locks: the films, which list_stored_movies.sql has locked. Index: as upsert_movies.sql.
WITH current AS MATERIALIZED (
    SELECT
        said.tmdb_id,
        CASE WHEN listed.tmdb_id IS NULL THEN said.popularity ELSE listed.popularity END AS popularity,
        coalesce(listed.is_adult, said.is_adult) AS is_adult,
        coalesce(listed.is_video, said.is_video) AS is_video
    FROM jsonb_to_recordset(%(films)s::jsonb) AS said (
        tmdb_id integer, popularity double precision, is_adult boolean, is_video boolean, external_id text
    )
    LEFT JOIN documents ON documents.source = %(source)s
      AND documents.kind = %(kind)s
      AND documents.external_id = said.external_id
    LEFT JOIN listed_movies AS listed ON listed.tmdb_id = said.tmdb_id
      AND greatest(documents.checked_at, (
        SELECT max(part.checked_at)
        FROM partial_documents AS part
        WHERE part.source = documents.source
          AND part.kind = documents.kind
          AND part.external_id = documents.external_id
      )) < (
        SELECT (max(snapshot.listed_on) + time '08:00') AT TIME ZONE 'UTC'
        FROM export_snapshots AS snapshot
        WHERE snapshot.state = 'merged'
          AND snapshot.source = %(source)s
          AND snapshot.kind = listed.kind
          AND snapshot.listed_on < coalesce(listed.missing_since, 'infinity')
      )
)
UPDATE movies SET
    popularity = current.popularity,
    is_adult = current.is_adult,
    is_video = current.is_video,
    updated_at = %(now)s
FROM current
WHERE movies.tmdb_id = current.tmdb_id
  AND (movies.popularity, movies.is_adult, movies.is_video)
    IS DISTINCT FROM (current.popularity, current.is_adult, current.is_video)
