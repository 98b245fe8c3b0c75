-- What is known of ids that a feed names.
-- Parameters: source, kind text; ids bigint[] (TMDB's).
-- Returns: external_id, checked_at, popularity, released_on of each that the ledger knows. Locks: none. Index: primary
-- key; unique tmdb_id.
SELECT
    entry.external_id, entry.checked_at, coalesce(movies.popularity, entry.priority) AS popularity,
    movies.release_date AS released_on
FROM sync_ledger AS entry
LEFT JOIN movies ON movies.tmdb_id = entry.external_id
WHERE entry.source = %(source)s
  AND entry.kind = %(kind)s
  AND entry.external_id = ANY (%(ids)s::bigint[])
