-- Films that a search found, as a list shows them, in the order given.
-- Parameters: movie_ids bigint[]; query text (a tsquery, or null). Returns: columns of searching.FoundFilm. Locks: none.
-- Index: primary keys.
SELECT
    film.id, film.tmdb_id, film.imdb_id, film.title, film.original_title,
    (
        SELECT min(also.title)
        FROM alternative_titles AS also
        WHERE also.movie_id = film.id
          AND search_words(fold_title(also.title)) @@ %(query)s::tsquery
          AND NOT search_words(fold_title(film.title)) @@ %(query)s::tsquery
          AND NOT search_words(fold_title(coalesce(film.original_title, ''))) @@ %(query)s::tsquery
    ) AS found_title,
    film.release_date, film.poster_path, film.popularity, film.is_adult, film.gone_at,
    scored.score,
    ARRAY(
        SELECT genres.name FROM movie_genres JOIN genres ON genres.id = movie_genres.genre_id
        WHERE movie_genres.movie_id = film.id ORDER BY movie_genres.position LIMIT 3
    ) AS genres,
    ARRAY(
        SELECT people.name FROM credits JOIN people ON people.id = credits.person_id
        WHERE credits.movie_id = film.id AND credits.kind = 'crew' AND credits.job = 'Director'
        ORDER BY credits.position, people.name LIMIT 3
    ) AS directors
FROM unnest(%(movie_ids)s::bigint[]) WITH ORDINALITY AS given (id, place)
INNER JOIN movies AS film ON film.id = given.id
LEFT JOIN cri_scores AS scored ON scored.movie_id = film.id
ORDER BY given.place
