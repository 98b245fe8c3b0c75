-- What people did, the latest first.
-- Parameters: action, who text or null; before bigint or null: older than this id; limit integer.
-- Returns: the rows. Locks: none. Index: the primary key, backwards.
SELECT id, at, who, role, action, arguments, things, outcome, error_code
FROM operator_actions
WHERE (%(before)s::bigint IS NULL OR id < %(before)s)
  AND (%(action)s::text IS NULL OR action = %(action)s)
  AND (%(who)s::text IS NULL OR who = %(who)s)
ORDER BY id DESC
LIMIT %(limit)s
