-- The lists that were imported, the weightiest first. Parameters: none. Returns: the row; films, linked, former. Locks: none.
SELECT
    list.id, list.key, list.name, list.authority, list.weight, list.source, list.location, list.is_ranked, list.refresh_days, list.state,
    list.problem, list.remarks, list.checked_at, list.read_at, list.changed_at,
    counted.films, counted.linked, counted.former
FROM lists AS list
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE entry.left_at IS NULL) AS films,
        count(entry.movie_id) FILTER (WHERE entry.left_at IS NULL) AS linked,
        count(*) FILTER (WHERE entry.left_at IS NOT NULL) AS former
    FROM list_entries AS entry
    WHERE entry.list_id = list.id
) AS counted
ORDER BY list.weight DESC, list.key
