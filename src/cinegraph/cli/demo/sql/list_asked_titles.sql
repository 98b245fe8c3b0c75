-- Which films OMDb has answered for.
-- Parameters: none. Returns: the IMDb ids.
SELECT asked_for
FROM sync_ledger
WHERE source = 'omdb' AND checked_at IS NOT NULL
