-- Distinct ids of an ordinary day of a feed: the mean of the last week that is done.
-- Parameters: source, kind text. Returns: one row: numeric, null while no day was ever done. Locks: none.
SELECT avg(recent.ids)
FROM (
    SELECT ids FROM change_windows
    WHERE source = %(source)s AND kind = %(kind)s AND state = 'done'
    ORDER BY day DESC
    LIMIT 7
) AS recent
