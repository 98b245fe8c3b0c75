-- Remember how often a day of a feed has named each id.
-- Parameters: source, kind text; day date; ids bigint[] (sorted), times smallint[].
-- Returns: external_id of those named more often than before. Locks: the rows written, in order of id.
INSERT INTO change_window_ids AS known (source, kind, day, external_id, times)
SELECT %(source)s, %(kind)s, %(day)s, given.id, given.times
FROM unnest(%(ids)s::bigint[], %(times)s::smallint[]) AS given (id, times)
ORDER BY given.id
ON CONFLICT (source, kind, day, external_id) DO UPDATE SET times = excluded.times
WHERE excluded.times > known.times
RETURNING external_id
