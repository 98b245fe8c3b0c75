-- How fetching films from TMDB stands. Parameters: tmdb_ids bigint[]. Returns: tmdb_id, state, error. Locks: none.
-- Index: primary key.
SELECT external_id, state, error
FROM sync_ledger
WHERE source = 'tmdb' AND kind = 'movie' AND external_id = ANY (%(tmdb_ids)s::bigint[])
