-- Lists that a stored body tells of. Parameters: source text: tmdb or file; external_id text: the number at TMDB, or the key.
-- Returns: as find_list.sql. Locks: none. Reads all lists: there are tens of them.
SELECT
    id, key, name, authority, weight, source, location, is_ranked, refresh_days, state, problem, remarks, checked_at, read_at,
    changed_at
FROM lists
WHERE source = %(source)s AND CASE source WHEN 'tmdb' THEN location ELSE key END = %(external_id)s
ORDER BY id
