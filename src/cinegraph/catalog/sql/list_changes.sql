-- What changed after a position, in order.
-- Parameters: since bigint; kind text, null: all; limit integer.
-- Returns: rows of the view changes. Locks: nothing. Index: primary key of change_log.
SELECT position, kind, id, tmdb_id, imdb_id, title, action, fields, other_id, why, changed_at
FROM changes
WHERE position > %(since)s
  AND (%(kind)s::text IS NULL OR kind = %(kind)s)
ORDER BY position
LIMIT %(limit)s
