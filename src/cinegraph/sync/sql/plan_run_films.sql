-- Plan the films for a run that the newest export names and that were never fetched: the most valuable ones.
-- Parameters: run_id bigint; source, kind, item_kind, reason text; with_adult boolean; limit bigint or null; now timestamptz.
-- Returns: one row: planned, of them open (a job is at it already); fresh: listed films that need no fetching.
-- Locks: the run, shared; the rows of the ledger. Run it with a long statement_timeout: seconds at a million films.
WITH run AS MATERIALIZED (
    SELECT id FROM sync_runs WHERE id = %(run_id)s AND state IN ('running', 'paused') FOR SHARE
), listed AS MATERIALIZED (
    SELECT entry.external_id, entry.state, entry.priority, entry.run_id
    FROM listed_movies AS film
    INNER JOIN sync_ledger AS entry
        ON entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = film.tmdb_id
    WHERE film.missing_since IS NULL
      AND (%(with_adult)s OR NOT film.is_adult)
      AND EXISTS (SELECT FROM run)
), chosen AS MATERIALIZED (
    SELECT external_id, state, run_id
    FROM listed
    WHERE state IN ('wanted', 'queued', 'failed', 'quarantined')
    ORDER BY priority DESC, external_id
    LIMIT %(limit)s
), locked AS MATERIALIZED (
    SELECT entry.external_id
    FROM chosen
    INNER JOIN sync_ledger AS entry
        ON entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = chosen.external_id
    WHERE entry.state IN ('wanted', 'failed', 'quarantined')
      -- What the merge of this very run has just written is right already.
      AND (entry.state <> 'wanted' OR entry.run_id <> %(run_id)s OR entry.due_at IS NULL)
    ORDER BY entry.external_id
    FOR NO KEY UPDATE OF entry
), sponsored AS (
    UPDATE sync_ledger AS entry SET
        state = 'wanted',
        run_id = %(run_id)s,
        due_at = %(now)s,
        reason = %(reason)s
    FROM locked
    WHERE entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = locked.external_id
    RETURNING 1
), planned AS (
    INSERT INTO sync_run_items (run_id, kind, external_id, state)
    SELECT %(run_id)s, %(item_kind)s, chosen.external_id, CASE chosen.state WHEN 'queued' THEN 'open' ELSE 'planned' END
    FROM chosen
    -- The ledger is locked before the items, as by everybody.
    CROSS JOIN (SELECT count(*) AS rows FROM sponsored) AS earlier
    WHERE earlier.rows >= 0
    ORDER BY chosen.external_id
    ON CONFLICT (run_id, kind, external_id) DO NOTHING
    RETURNING state
)
SELECT
    (SELECT count(*) FROM planned) AS planned,
    (SELECT count(*) FROM planned WHERE state = 'open') AS open,
    (SELECT count(*) FROM listed WHERE state IN ('fresh', 'empty', 'absent')) AS fresh
