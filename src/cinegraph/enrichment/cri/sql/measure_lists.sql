-- The lists that count, and the newest film of each. Parameters: held_lists bigint[] (that do not count).
-- Returns: list_id, weight, is_ranked, newest (its year; null: of none it is known). Index: primary key of list_entries.
SELECT
    list.id, list.weight::double precision, list.is_ranked,
    max(coalesce(entry.year, extract(YEAR FROM film.release_date)))::integer
FROM lists AS list
INNER JOIN list_entries AS entry ON entry.list_id = list.id AND entry.left_at IS NULL
LEFT JOIN movies AS film ON film.id = entry.movie_id
WHERE list.weight > 0 AND list.source <> 'event' AND list.id <> ALL (%(held_lists)s::bigint[])
GROUP BY list.id
ORDER BY list.id
