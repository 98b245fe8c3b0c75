-- Let nobody else score these films until the transaction ends. Films share 64 locks: with one each, many films would fill
-- the server's table of locks. Parameters: movie_ids bigint[]. Returns: nothing.
-- Locks: the advisory locks of the films, in their order.
SELECT pg_advisory_xact_lock(hashtextextended('cinegraph cri film', slots.slot))
FROM (
    SELECT DISTINCT film.id %% 64 AS slot
    FROM unnest(%(movie_ids)s::bigint[]) AS film (id)
    ORDER BY slot
) AS slots
