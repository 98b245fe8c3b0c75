-- Every membership of a list there ever was, in order of joining; what happened last, last. Parameters: id bigint.
-- Returns: as list_films.sql. Locks: none. Index: primary keys.
SELECT
    entry.position, coalesce(movies.title, entry.title) AS title,
    coalesce(extract(year FROM movies.release_date)::integer, entry.year) AS year,
    coalesce(movies.imdb_id, entry.imdb_id) AS imdb_id, coalesce(movies.tmdb_id, entry.tmdb_id) AS tmdb_id,
    entry.movie_id, held.joined_at, held.left_at
FROM list_entries AS entry
LEFT JOIN movies ON movies.id = entry.movie_id
CROSS JOIN LATERAL (
    SELECT entry.joined_at, entry.left_at
    UNION ALL
    SELECT past.joined_at, past.left_at
    FROM list_past_memberships AS past
    WHERE past.list_id = entry.list_id AND past.entry_key = entry.entry_key
) AS held
WHERE entry.list_id = %(id)s
ORDER BY held.joined_at, held.left_at NULLS LAST, entry.position NULLS LAST, entry.entry_key
