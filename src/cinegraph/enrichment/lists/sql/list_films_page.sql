-- A page of the members of a list, by position, then title. Parameters: id bigint; after text: entry_key of the last one of the page before
-- (null: from the first); "limit" integer. Returns: entry_key, then as list_films.sql. Locks: none. Index: primary keys; all members of
-- the list are read: a few thousand.
WITH member AS (
    SELECT
        entry.entry_key, entry.position, coalesce(movies.title, entry.title) AS title,
        coalesce(extract(year FROM movies.release_date)::integer, entry.year) AS year,
        coalesce(movies.imdb_id, entry.imdb_id) AS imdb_id, coalesce(movies.tmdb_id, entry.tmdb_id) AS tmdb_id,
        entry.movie_id, entry.joined_at, entry.left_at,
        entry.position IS NULL AS is_unplaced, coalesce(entry.position, 0) AS place,
        coalesce(movies.title, entry.title) IS NULL AS is_untitled, coalesce(movies.title, entry.title, '') AS by_title
    FROM list_entries AS entry
    LEFT JOIN movies ON movies.id = entry.movie_id
    WHERE entry.list_id = %(id)s AND (entry.left_at IS NULL OR entry.entry_key = %(after)s)
)
SELECT entry_key, position, title, year, imdb_id, tmdb_id, movie_id, joined_at, left_at
FROM member
WHERE left_at IS NULL
  AND (
    %(after)s::text IS NULL
    OR (is_unplaced, place, is_untitled, by_title, entry_key) > (
        SELECT last.is_unplaced, last.place, last.is_untitled, last.by_title, last.entry_key
        FROM member AS last
        WHERE last.entry_key = %(after)s
    )
  )
ORDER BY is_unplaced, place, is_untitled, by_title, entry_key
LIMIT %(limit)s
