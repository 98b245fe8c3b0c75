-- The jobs of one run that execute now, by stage.
-- Parameters: run text: its number. Returns: kind (of the run's items), jobs. Locks: none. Index: oban_jobs_run_index.
SELECT
    CASE
        WHEN queue IN ('imports', 'updates') THEN 'movie'
        WHEN queue = 'omdb' THEN 'omdb'
        WHEN meta ? 'item' THEN split_part(meta ->> 'item', ' ', 1)
        WHEN queue = 'enrichment' THEN 'collaborations'
        WHEN queue = 'maintenance' THEN 'export'
        WHEN args ->> 'source' = 'all' THEN 'id_range'
        ELSE concat(args ->> 'source', '_page')
    END AS kind,
    count(*) AS jobs
FROM oban_jobs
WHERE meta ? 'run_id' AND meta ->> 'run_id' = %(run)s AND state = 'executing'
GROUP BY 1
