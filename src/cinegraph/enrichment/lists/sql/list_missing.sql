-- Members of a list whose film is not stored, by position, and what was answered when it was asked which film they are.
-- Parameters: id bigint. Returns: key, position, title, year, imdb_id, tmdb_id, found_tmdb_id, asked, reason. Locks: none.
-- Index: primary key; lookups by id and title.
SELECT
    entry.entry_key AS key, entry.position, entry.title, entry.year, entry.imdb_id, entry.tmdb_id,
    lookup.tmdb_id AS found_tmdb_id, lookup.state AS asked, lookup.reason
FROM list_entries AS entry
LEFT JOIN LATERAL (
    SELECT known.tmdb_id, known.state, known.reason
    FROM festival_lookups AS known
    WHERE known.kind = 'film'
      AND (
        known.imdb_id = entry.imdb_id
        OR (
            entry.imdb_id IS NULL
            AND entry.tmdb_id IS NULL
            AND known.folded = entry.folded
            AND coalesce(known.year, 0) = entry.year
        )
      )
    LIMIT 1
) AS lookup ON true
WHERE entry.list_id = %(id)s AND entry.left_at IS NULL AND entry.movie_id IS NULL
ORDER BY entry.position NULLS LAST, entry.title NULLS LAST, entry.entry_key
