-- Note from which popularity on a film is among the most popular ones of the list that is being merged.
-- Parameters: source, kind text; listed_on date; place integer: how many are popular. Returns: nothing; a list with fewer
-- films says nothing. Locks: the row of the list. Reads export_staging of the same transaction.
UPDATE export_snapshots SET popular_from = (
    SELECT staged.popularity FROM export_staging AS staged ORDER BY staged.popularity DESC OFFSET %(place)s - 1 LIMIT 1
)
WHERE source = %(source)s AND kind = %(kind)s AND listed_on = %(listed_on)s AND state = 'merged'
