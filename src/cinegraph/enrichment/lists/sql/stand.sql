-- Write members as they are to be. Parameters: id bigint; entries jsonb: entry_key, position, imdb_id, tmdb_id, title, year, folded,
-- movie_id; now timestamptz. Returns: nothing; only rows that differ are written. Locks: the rows, in order of entry_key;
-- the caller has locked the list. Index: primary key.
INSERT INTO list_entries AS known (
    list_id, entry_key, position, imdb_id, tmdb_id, title, year, folded, movie_id, joined_at
)
SELECT
    %(id)s, given.entry_key, given.position, given.imdb_id, given.tmdb_id, given.title, given.year, given.folded, given.movie_id, %(now)s
FROM jsonb_to_recordset(%(entries)s) AS given (
    entry_key text, position integer, imdb_id text, tmdb_id integer, title text, year smallint, folded text, movie_id bigint
)
ORDER BY given.entry_key
ON CONFLICT (list_id, entry_key) DO UPDATE SET
    position = excluded.position,
    -- An id that was told once is not forgotten where the source now uses the other.
    imdb_id = coalesce(excluded.imdb_id, known.imdb_id),
    tmdb_id = coalesce(excluded.tmdb_id, known.tmdb_id),
    title = coalesce(excluded.title, known.title),
    year = coalesce(excluded.year, known.year),
    folded = coalesce(excluded.folded, known.folded),
    movie_id = excluded.movie_id,
    joined_at = CASE WHEN known.left_at IS NULL THEN known.joined_at ELSE excluded.joined_at END,
    left_at = NULL
WHERE known.left_at IS NOT NULL
   OR (known.position, known.movie_id) IS DISTINCT FROM (excluded.position, excluded.movie_id)
   OR (known.imdb_id, known.tmdb_id, known.title, known.year, known.folded) IS DISTINCT FROM (
        coalesce(excluded.imdb_id, known.imdb_id), coalesce(excluded.tmdb_id, known.tmdb_id),
        coalesce(excluded.title, known.title), coalesce(excluded.year, known.year), coalesce(excluded.folded, known.folded)
    )
