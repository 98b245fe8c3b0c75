-- Note what a list says differently of films that were named before, and that it names films again which were missing.
-- Rows that stay as they are are not touched: ON CONFLICT would lock, and so write, every one of them.
-- Parameters: kind text, listed_on date.
-- Returns: nothing; its row count is how many. Locks: these rows; merges are one at a time.
UPDATE listed_movies AS listed SET
    kind = %(kind)s,
    popularity = staged.popularity,
    is_adult = staged.is_adult,
    is_video = staged.is_video,
    original_title = staged.original_title,
    stated_on = %(listed_on)s,
    missing_since = NULL
FROM export_staging AS staged
WHERE listed.tmdb_id = staged.tmdb_id
  AND (
    listed.kind, listed.popularity, listed.is_adult, listed.is_video, listed.original_title, listed.missing_since
  ) IS DISTINCT FROM (
    %(kind)s, staged.popularity, staged.is_adult, staged.is_video, staged.original_title, NULL::date
  )
