-- Members of lists that some films are, or may be, or were: by their ids, by the id of a film that is one of them now, by what TMDB
-- answered, by title; and whoever else is linked to the same films.
-- Parameters: movie_ids bigint[]; folded text[], first_years, last_years integer[]: their titles, and between which years of a list. Returns: list_id, entry_key, movie_id, position, imdb_id, tmdb_id, title, year.
-- Locks: none. Index: primary keys; imdb_id, tmdb_id, folded and movie of list_entries; tmdb_id of lookups.
WITH film AS MATERIALIZED (
    SELECT id, imdb_id, tmdb_id FROM movies WHERE id = ANY (%(movie_ids)s::bigint[])
    UNION
    SELECT merged.from_movie_id, NULL, merged.from_tmdb_id
    FROM merged_movies AS merged
    WHERE merged.to_movie_id = ANY (%(movie_ids)s::bigint[])
), answered AS MATERIALIZED (
    SELECT lookup.imdb_id, lookup.folded
    FROM film
    INNER JOIN festival_lookups AS lookup ON lookup.kind = 'film' AND lookup.tmdb_id = film.tmdb_id
), touched AS (
    SELECT entry.list_id, entry.entry_key FROM film INNER JOIN list_entries AS entry ON entry.imdb_id = film.imdb_id
    UNION
    SELECT entry.list_id, entry.entry_key FROM film INNER JOIN list_entries AS entry ON entry.tmdb_id = film.tmdb_id
    UNION
    SELECT entry.list_id, entry.entry_key FROM film INNER JOIN list_entries AS entry ON entry.movie_id = film.id AND entry.left_at IS NULL
    UNION
    SELECT entry.list_id, entry.entry_key FROM answered INNER JOIN list_entries AS entry ON entry.imdb_id = answered.imdb_id
    UNION
    SELECT entry.list_id, entry.entry_key
    FROM list_entries AS entry
    WHERE entry.imdb_id IS NULL
      AND entry.tmdb_id IS NULL
      AND entry.folded IN (SELECT answered.folded FROM answered)
    UNION
    SELECT entry.list_id, entry.entry_key
    FROM unnest(%(folded)s::text[], %(first_years)s::integer[], %(last_years)s::integer[]) AS called (folded, first_year, last_year)
    INNER JOIN list_entries AS entry
        ON entry.folded = called.folded AND entry.year BETWEEN called.first_year AND called.last_year
    WHERE entry.imdb_id IS NULL
      AND entry.tmdb_id IS NULL
)
SELECT
    entry.list_id, entry.entry_key, entry.movie_id, entry.position, entry.imdb_id, entry.tmdb_id, entry.title, entry.year
FROM touched
INNER JOIN list_entries AS entry ON entry.list_id = touched.list_id AND entry.entry_key = touched.entry_key
WHERE entry.left_at IS NULL
ORDER BY entry.list_id, entry.entry_key
