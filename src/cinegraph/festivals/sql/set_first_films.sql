-- Let nominations name their first film. Parameters: nomination_ids bigint[]; now timestamptz.
-- Returns: nothing. Locks: the rows, in order of id. Index: primary keys.
WITH first AS MATERIALIZED (
    SELECT nomination.id, film.movie_id
    FROM festival_nominations AS nomination
    LEFT JOIN LATERAL (
        SELECT movie_id FROM nomination_films WHERE nomination_id = nomination.id ORDER BY position LIMIT 1
    ) AS film ON true
    WHERE nomination.id = ANY (%(nomination_ids)s::bigint[])
      AND nomination.movie_id IS DISTINCT FROM film.movie_id
    ORDER BY nomination.id
    FOR NO KEY UPDATE OF nomination
)
UPDATE festival_nominations AS nomination SET movie_id = first.movie_id, updated_at = %(now)s
FROM first
WHERE nomination.id = first.id
