-- What failed or was quarantined in a run, by stage and reason, with what the newest job at a sample said.
-- Parameters: run_id bigint; most int: items looked at of each state.
-- Returns: kind, state, error_code, things, is_capped, sample_ids bigint[], job_id, text; the commonest first, twenty at most.
-- Locks: none. Index: sync_run_items_trouble_index, oban_jobs_film_index, quarantine's unique key.
WITH bad AS MATERIALIZED (
    (
        SELECT kind, state, error_code, external_id FROM sync_run_items
        WHERE run_id = %(run_id)s AND state = 'failed' LIMIT %(most)s
    )
    UNION ALL
    (
        SELECT kind, state, error_code, external_id FROM sync_run_items
        WHERE run_id = %(run_id)s AND state = 'quarantined' LIMIT %(most)s
    )
),
reasons AS (
    SELECT kind, state, error_code, count(*) AS things, (array_agg(external_id ORDER BY external_id))[1:5] AS sample_ids
    FROM bad
    GROUP BY kind, state, error_code
    ORDER BY things DESC, kind, state, error_code
    LIMIT 20
)
SELECT
    reason.kind, reason.state, reason.error_code, reason.things,
    sum(reason.things) OVER (PARTITION BY reason.state) >= %(most)s AS is_capped,
    reason.sample_ids, job.id AS job_id,
    coalesce(job.text, body.detail) AS text
FROM reasons AS reason
LEFT JOIN LATERAL (
    SELECT id, coalesce(errors -> -1 ->> 'error', meta ->> 'message') AS text
    FROM oban_jobs
    WHERE reason.kind IN ('movie', 'omdb')
      AND coalesce(args ->> 'tmdb_id', meta ->> 'tmdb_id') = reason.sample_ids[1]::text
      AND (meta ->> 'error_code' = reason.error_code OR errors -> -1 ->> 'code' = reason.error_code)
    ORDER BY id DESC
    LIMIT 1
) AS job ON true
LEFT JOIN LATERAL (
    SELECT detail
    FROM quarantine
    WHERE reason.state = 'quarantined' AND source = CASE reason.kind WHEN 'omdb' THEN 'omdb' ELSE 'tmdb' END
      AND kind = 'movie' AND external_id = reason.sample_ids[1]::text
    ORDER BY last_seen_at DESC
    LIMIT 1
) AS body ON true
ORDER BY reason.things DESC, reason.kind, reason.state, reason.error_code
