-- Hold films back that would count as gone.
-- Parameters: movie_ids bigint[]; now timestamptz. Returns: nothing; its row count is how many are new. Locks: none long.
INSERT INTO held_burials (movie_id, held_at)
SELECT held.id, %(now)s
FROM unnest(%(movie_ids)s::bigint[]) AS held (id)
ORDER BY held.id
ON CONFLICT (movie_id) DO NOTHING
