-- The last changes of one film or person that were given a position, the newest first.
-- Parameters: kind text; entity_id bigint; limit integer. Returns: columns of change_log.Change. Locks: none.
-- Index: change_log_entity_index.
SELECT position, kind, id, tmdb_id, imdb_id, title, action, fields, other_id, why, changed_at
FROM changes
WHERE kind = %(kind)s AND id = %(entity_id)s
ORDER BY position DESC
LIMIT %(limit)s
