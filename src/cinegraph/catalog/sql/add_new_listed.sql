-- Note the films that a list names for the first time.
-- Parameters: kind text, listed_on date.
-- Returns: nothing; its row count is how many. Locks: nothing that others want; merges are one at a time.
-- Written in the order of the key, which fills the index page by page.
INSERT INTO listed_movies (tmdb_id, kind, popularity, is_adult, is_video, original_title, stated_on)
SELECT
    staged.tmdb_id, %(kind)s, staged.popularity, staged.is_adult, staged.is_video, staged.original_title,
    %(listed_on)s::date
FROM export_staging AS staged
WHERE NOT EXISTS (SELECT FROM listed_movies AS listed WHERE listed.tmdb_id = staged.tmdb_id)
ORDER BY staged.tmdb_id
