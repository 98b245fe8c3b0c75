-- What: runs of which too much of what ended lately has failed.
-- Parameters: now timestamptz; span interval; sample integer: at most so many of each run, the latest; fewest bigint
--   and share double precision: so many failures and more than this share of what was tried; runs integer: the latest
--   so many, and those that go on.
-- Returns: subject, message: one row a run. Locks: none. Index: sync_run_items_ended_index.
WITH looked_at AS (
    SELECT id FROM sync_runs WHERE state IN ('running', 'paused')
    UNION
    (SELECT id FROM sync_runs ORDER BY id DESC LIMIT %(runs)s)
),
counted AS (
    SELECT
        looked_at.id,
        count(*) FILTER (WHERE item.state = 'failed') AS failed,
        count(*) FILTER (WHERE item.state NOT IN ('cancelled', 'deferred')) AS tried,
        mode() WITHIN GROUP (ORDER BY item.error_code) FILTER (WHERE item.state = 'failed') AS error_code
    FROM looked_at
    CROSS JOIN LATERAL (
        SELECT ended.state, ended.error_code
        FROM sync_run_items AS ended
        WHERE ended.run_id = looked_at.id AND ended.ended_at > %(now)s - %(span)s
        ORDER BY ended.ended_at DESC
        LIMIT %(sample)s
    ) AS item
    GROUP BY looked_at.id
)
SELECT
    'run ' || id AS subject,
    format(
        '%%s of the last %%s that ended have failed, most of them: %%s',
        to_char(failed, 'FM999,999,990'), to_char(tried, 'FM999,999,990'), coalesce(error_code, 'unknown')
    ) AS message
FROM counted
WHERE failed >= %(fewest)s AND failed > %(share)s * tried
