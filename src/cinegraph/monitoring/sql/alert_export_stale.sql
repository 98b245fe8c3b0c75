-- What: daily lists that were merged once and are no longer.
-- Parameters: now timestamptz; longest interval; kinds text[]: those that no setting switches off.
-- Returns: subject, message: one row a source and kind. Locks: none. A row a day and kind is read.
SELECT
    source || ' ' || kind AS subject,
    format(
        'none was merged since %%s UTC, the list of %%s',
        to_char(max(merged_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), max(listed_on)
    ) AS message
FROM export_snapshots
WHERE state = 'merged' AND kind = ANY(%(kinds)s::text[])
GROUP BY source, kind
HAVING max(merged_at) < %(now)s - %(longest)s
