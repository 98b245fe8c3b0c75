-- Who joined a list and who left it, the latest first. Parameters: id bigint; at timestamptz, kind, entry_key text: the last one of the page
-- before (null: from the latest); "limit" integer. Returns: at, kind (joined, left), entry_key, title, year, imdb_id, tmdb_id, movie_id.
-- Locks: none. Index: primary keys; all memberships of the list are read: a few thousand.
WITH held AS (
    SELECT entry_key, joined_at, left_at FROM list_entries WHERE list_id = %(id)s
    UNION ALL
    SELECT entry_key, joined_at, left_at FROM list_past_memberships WHERE list_id = %(id)s
), turn AS (
    SELECT joined_at AS at, 'joined' AS kind, entry_key FROM held
    UNION ALL
    SELECT left_at, 'left', entry_key FROM held WHERE left_at IS NOT NULL
), page AS (
    SELECT at, kind, entry_key FROM turn
    WHERE %(at)s::timestamptz IS NULL OR (at, kind, entry_key) < (%(at)s, %(kind)s::text, %(entry_key)s::text)
    ORDER BY at DESC, kind DESC, entry_key DESC
    LIMIT %(limit)s
)
SELECT
    page.at, page.kind, page.entry_key, coalesce(movies.title, entry.title) AS title,
    coalesce(extract(year FROM movies.release_date)::integer, entry.year) AS year,
    coalesce(movies.imdb_id, entry.imdb_id) AS imdb_id, coalesce(movies.tmdb_id, entry.tmdb_id) AS tmdb_id, entry.movie_id
FROM page
INNER JOIN list_entries AS entry ON entry.list_id = %(id)s AND entry.entry_key = page.entry_key
LEFT JOIN movies ON movies.id = entry.movie_id
ORDER BY page.at DESC, page.kind DESC, page.entry_key DESC
