-- What: daily lists of which the newest was refused.
-- Parameters: now timestamptz; lately interval: an older refusal says nothing of today.
-- Returns: subject, message: one row a source and kind. Locks: none. A row a day and kind is read.
SELECT newest.source || ' ' || newest.kind AS subject, format(
    'the list of %%s was refused: %%s', newest.listed_on, coalesce(newest.reason, 'without a reason')
) AS message
FROM (
    SELECT DISTINCT ON (source, kind) source, kind, listed_on, state, reason, fetched_at
    FROM export_snapshots
    ORDER BY source, kind, fetched_at DESC, id DESC
) AS newest
WHERE newest.state = 'refused' AND newest.fetched_at > %(now)s - %(lately)s
