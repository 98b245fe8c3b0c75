-- Whether a list names, as a member without a film, what was asked for. Parameters: lookup_id bigint. Returns: is_listed.
-- Locks: none. Index: primary key of lookups; imdb_id and folded of list_entries.
SELECT EXISTS (
    SELECT
    FROM festival_lookups AS lookup
    INNER JOIN list_entries AS entry ON entry.imdb_id = lookup.imdb_id
    WHERE lookup.id = %(lookup_id)s AND entry.left_at IS NULL AND entry.movie_id IS NULL
    UNION ALL
    SELECT
    FROM festival_lookups AS lookup
    INNER JOIN list_entries AS entry
        ON entry.folded = lookup.folded AND entry.imdb_id IS NULL AND entry.tmdb_id IS NULL AND entry.year = coalesce(lookup.year, 0)
    WHERE lookup.id = %(lookup_id)s AND entry.left_at IS NULL AND entry.movie_id IS NULL
) AS is_listed
