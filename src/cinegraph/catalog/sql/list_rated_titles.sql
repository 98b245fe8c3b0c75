-- Which titles have given a film something to keep.
-- Parameters: source text; imdb_ids text[]. Returns: imdb_id of each. Locks: none.
-- Index: movies_imdb_id_index, primary keys of ratings and movie_facts.
SELECT DISTINCT movies.imdb_id
FROM movies
WHERE movies.imdb_id = ANY (%(imdb_ids)s::text[])
  AND (
      EXISTS (SELECT FROM ratings WHERE ratings.movie_id = movies.id AND ratings.source = %(source)s)
      OR EXISTS (
          SELECT
          FROM movie_facts
          WHERE movie_facts.movie_id = movies.id
            AND movie_facts.source = %(source)s
            AND movie_facts.kind <> 'rated'
      )
  )
