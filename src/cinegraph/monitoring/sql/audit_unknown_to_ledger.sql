-- Stored films that the ledger does not know.
-- Returns: one row: offenders, example. Locks: none. Index: primary key of sync_ledger.
SELECT count(*) AS offenders, min(format('TMDB %%s', movies.tmdb_id)) AS example
FROM movies
WHERE movies.tmdb_id IS NOT NULL
  AND NOT EXISTS (
    SELECT
    FROM sync_ledger AS entry
    WHERE entry.source = 'tmdb' AND entry.kind = 'movie' AND entry.external_id = movies.tmdb_id
  )
