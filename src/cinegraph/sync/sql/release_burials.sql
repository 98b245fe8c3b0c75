-- Let go what is not held any more: films that are gone now, and those whose evidence fell.
-- Parameters: source, kind text; denials smallint. Returns: nothing; its row count is how many. Locks: the rows.
DELETE FROM held_burials AS held
WHERE NOT EXISTS (
    SELECT
    FROM movies AS film
    INNER JOIN sync_ledger AS entry
        ON entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = film.tmdb_id
    WHERE film.id = held.movie_id AND film.gone_at IS NULL AND entry.denials >= %(denials)s
)
