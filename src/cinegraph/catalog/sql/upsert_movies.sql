-- Store films; one that says the same as before is not touched. Popularity and the two flags are what was said last: by
-- the document, when it was last received, or by the newest list that names the film, at 08:00 UTC of its day.
-- restate_movies.sql and relist_movies.sql decide the same way.
-- Parameters: source, kind text (of the documents, which are stored already); films jsonb (array of objects);
-- now timestamptz.
-- Returns: nothing. Locks: the films, in order of tmdb_id. Index: unique tmdb_id; primary keys of documents and
-- listed_movies; export_snapshots_merged_index.
INSERT INTO movies AS stored (
    tmdb_id, imdb_id, title, original_title, original_language, overview, tagline, homepage, status, release_date,
    runtime_minutes, budget_usd, revenue_usd, popularity, is_adult, is_video, poster_path, backdrop_path, collection_id,
    created_at, updated_at
)
SELECT
    said.tmdb_id, said.imdb_id, said.title, said.original_title, said.original_language, said.overview, said.tagline,
    said.homepage, said.status, said.released_on, said.runtime_minutes, said.budget_usd, said.revenue_usd,
    CASE WHEN listed.tmdb_id IS NULL THEN said.popularity ELSE listed.popularity END,
    coalesce(listed.is_adult, said.is_adult),
    coalesce(listed.is_video, said.is_video),
    said.poster_path, said.backdrop_path, collections.id,
    %(now)s, %(now)s
FROM jsonb_to_recordset(%(films)s::jsonb) AS said (
    tmdb_id integer, imdb_id text, title text, original_title text, original_language text, overview text,
    tagline text, homepage text, status text, released_on date, runtime_minutes integer, budget_usd bigint,
    revenue_usd bigint, popularity double precision, is_adult boolean, is_video boolean, poster_path text,
    backdrop_path text, collection_tmdb_id integer, external_id text
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
LEFT JOIN collections ON collections.tmdb_id = said.collection_tmdb_id
ORDER BY said.tmdb_id
ON CONFLICT (tmdb_id) DO UPDATE SET
    -- An answer without an IMDb id never takes one away.
    imdb_id = coalesce(excluded.imdb_id, stored.imdb_id),
    title = excluded.title,
    original_title = excluded.original_title,
    original_language = excluded.original_language,
    overview = excluded.overview,
    tagline = excluded.tagline,
    homepage = excluded.homepage,
    status = excluded.status,
    release_date = excluded.release_date,
    runtime_minutes = excluded.runtime_minutes,
    budget_usd = excluded.budget_usd,
    revenue_usd = excluded.revenue_usd,
    popularity = excluded.popularity,
    is_adult = excluded.is_adult,
    is_video = excluded.is_video,
    poster_path = excluded.poster_path,
    backdrop_path = excluded.backdrop_path,
    collection_id = excluded.collection_id,
    updated_at = excluded.updated_at
WHERE (
    coalesce(excluded.imdb_id, stored.imdb_id), excluded.title, excluded.original_title, excluded.original_language,
    excluded.overview, excluded.tagline, excluded.homepage, excluded.status, excluded.release_date,
    excluded.runtime_minutes, excluded.budget_usd, excluded.revenue_usd, excluded.popularity, excluded.is_adult,
    excluded.is_video, excluded.poster_path, excluded.backdrop_path, excluded.collection_id
) IS DISTINCT FROM (
    stored.imdb_id, stored.title, stored.original_title, stored.original_language, stored.overview, stored.tagline,
    stored.homepage, stored.status, stored.release_date, stored.runtime_minutes, stored.budget_usd,
    stored.revenue_usd, stored.popularity, stored.is_adult, stored.is_video, stored.poster_path,
    stored.backdrop_path, stored.collection_id
)
