-- What films are called that came out some day. Parameters: movie_ids bigint[]. Returns: title, original_title, year, others text[]; nothing
-- where no list names a film by its title alone. Locks: none. Index: primary keys; list_entries_folded_index.
SELECT
    movie.title, movie.original_title, extract(year FROM movie.release_date)::integer AS year,
    ARRAY(SELECT other.title FROM alternative_titles AS other WHERE other.movie_id = movie.id) AS others
FROM movies AS movie
WHERE movie.id = ANY (%(movie_ids)s::bigint[])
  AND movie.release_date IS NOT NULL
  AND EXISTS (SELECT FROM list_entries AS entry WHERE entry.imdb_id IS NULL AND entry.tmdb_id IS NULL)
