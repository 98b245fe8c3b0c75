-- What is known of films one by one.
-- Parameters: movie_ids bigint[]; country text (whose films a registry keeps).
-- Returns: movie_id, year, is_live, is_domestic, tmdb_score, tmdb_votes, imdb_score, imdb_votes, tomatoes, metacritic, named
-- (how many films' recommendations name it), in the order of the ids. Index: primary keys,
-- source_recommendations_recommended_index, alone.
SELECT
    film.id, extract(YEAR FROM film.release_date)::integer, film.gone_at IS NULL,
    EXISTS (
        SELECT FROM movie_countries AS country
        WHERE country.movie_id = film.id AND country.kind = 'production' AND country.country_code = %(country)s
        OFFSET 0 -- or the planner reads the whole table to hash it
    ),
    tmdb.value, tmdb.votes, imdb.value, imdb.votes, tomatoes.value, metacritic.value,
    (SELECT count(*) FROM source_recommendations AS said WHERE said.recommended_tmdb_id = film.tmdb_id)::integer
FROM unnest(%(movie_ids)s::bigint[]) AS given (id)
INNER JOIN movies AS film ON film.id = given.id
LEFT JOIN ratings AS tmdb ON tmdb.movie_id = film.id AND tmdb.source = 'tmdb' AND tmdb.kind = 'user_score'
LEFT JOIN ratings AS imdb ON imdb.movie_id = film.id AND imdb.source = 'omdb' AND imdb.kind = 'imdb'
LEFT JOIN ratings AS tomatoes
    ON tomatoes.movie_id = film.id AND tomatoes.source = 'omdb' AND tomatoes.kind = 'rotten_tomatoes'
LEFT JOIN ratings AS metacritic
    ON metacritic.movie_id = film.id AND metacritic.source = 'omdb' AND metacritic.kind = 'metacritic'
ORDER BY film.id
