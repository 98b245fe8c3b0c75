-- Things that were answered once and are due at no time.
-- Returns: one row: offenders, example. Locks: none.
SELECT count(*) AS offenders, min(format('%%s %%s', source, external_id)) AS example
FROM sync_ledger
WHERE kind = 'movie'
  AND due_at IS NULL
  AND (state NOT IN ('wanted', 'queued') OR (source = 'tmdb' AND state = 'wanted' AND checked_at IS NOT NULL))
