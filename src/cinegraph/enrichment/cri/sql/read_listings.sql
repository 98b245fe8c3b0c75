-- The lists on which films stand now; not those that an awards event makes: they are nominations already.
-- Parameters: movie_ids bigint[] (null: all films); held_lists bigint[] (that do not count).
-- Returns: movie_id, list_id, name, weight, position (null: the list is not ranked), once a film and list, in this order.
-- Index: list_entries_movie_index.
SELECT
    entry.movie_id, list.id, list.name, list.weight::double precision,
    min(CASE WHEN list.is_ranked THEN entry.position END)
FROM list_entries AS entry
INNER JOIN lists AS list ON list.id = entry.list_id
WHERE entry.left_at IS NULL
  AND entry.movie_id IS NOT NULL
  AND (%(movie_ids)s::bigint[] IS NULL OR entry.movie_id = ANY (%(movie_ids)s::bigint[]))
  AND list.weight > 0
  AND list.source <> 'event'
  AND list.id <> ALL (%(held_lists)s::bigint[])
GROUP BY entry.movie_id, list.id
ORDER BY entry.movie_id, list.id
