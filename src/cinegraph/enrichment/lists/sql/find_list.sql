-- A list. Parameters: key text or null; id bigint or null: one of them. Returns: the row, but for when it was made.
-- Locks: none. Index: primary key; unique key.
SELECT
    id, key, name, authority, weight, source, location, is_ranked, refresh_days, state, problem, remarks, checked_at, read_at,
    changed_at
FROM lists
WHERE key = %(key)s::text OR id = %(id)s::bigint
