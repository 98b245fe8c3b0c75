-- Note the films that the list of their kind no longer names.
-- Parameters: kind text, listed_on date.
-- Returns: nothing; its row count is how many. Locks: these rows; merges are one at a time.
UPDATE listed_movies AS listed SET missing_since = %(listed_on)s
WHERE listed.kind = %(kind)s
  AND listed.missing_since IS NULL
  AND NOT EXISTS (SELECT FROM export_staging AS staged WHERE staged.tmdb_id = listed.tmdb_id)
