-- The members of a list, by position, then title. Parameters: id bigint.
-- Returns: position, title, year, imdb_id, tmdb_id, movie_id, joined_at, left_at (null). Locks: none. Index: primary keys.
SELECT
    entry.position, coalesce(movies.title, entry.title) AS title,
    coalesce(extract(year FROM movies.release_date)::integer, entry.year) AS year,
    coalesce(movies.imdb_id, entry.imdb_id) AS imdb_id, coalesce(movies.tmdb_id, entry.tmdb_id) AS tmdb_id,
    entry.movie_id, entry.joined_at, entry.left_at
FROM list_entries AS entry
LEFT JOIN movies ON movies.id = entry.movie_id
WHERE entry.list_id = %(id)s AND entry.left_at IS NULL
ORDER BY entry.position NULLS LAST, coalesce(movies.title, entry.title) NULLS LAST, entry.entry_key
