-- Which stored films, known to be there, had no look at their votes since a time: what a list tells of them is news.
-- Parameters: source, kind text; ids bigint[]; unless_after timestamptz. Returns: their ids, ascending. Locks: none.
-- Index: primary key; unique tmdb_id.
SELECT entry.external_id
FROM sync_ledger AS entry
INNER JOIN movies ON movies.tmdb_id = entry.external_id
WHERE entry.source = %(source)s
  AND entry.kind = %(kind)s
  AND entry.external_id = ANY (%(ids)s::bigint[])
  AND entry.state = 'fresh'
  AND entry.denials = 0
  AND greatest(entry.votes_at, entry.checked_at) < %(unless_after)s
  AND movies.gone_at IS NULL
ORDER BY entry.external_id
