-- Live films whose whole body was not received again for longer than the terms allow.
-- Parameters: now timestamptz; longest_unrefreshed interval. Returns: one row: offenders, example. Locks: none.
-- Scans documents by their index-free column: once a day.
SELECT
    count(*) AS offenders,
    min(format('TMDB %%s, last received %%s', documents.external_id, documents.checked_at::date)) AS example
FROM documents
WHERE documents.source = 'tmdb' AND documents.checked_at < %(now)s - %(longest_unrefreshed)s
