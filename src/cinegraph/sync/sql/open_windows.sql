-- Write rows for days of a feed that are to be read.
-- Parameters: source, kind text; days date[] (ascending); is_gap boolean: days before the first are never asked for;
-- now timestamptz. Returns: nothing. Locks: the rows written.
INSERT INTO change_windows (source, kind, day, state, error, created_at)
SELECT %(source)s, %(kind)s, given.day, given.state, given.error, %(now)s
FROM (
    SELECT day, 'open' AS state, NULL AS error FROM unnest(%(days)s::date[]) AS opened (day)
    UNION ALL
    SELECT (%(days)s::date[])[1] - 1, 'lost', 'too long ago to be asked for' WHERE %(is_gap)s
) AS given
ORDER BY given.day
ON CONFLICT (source, kind, day) DO NOTHING
