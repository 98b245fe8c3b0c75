-- How often films are named by the recommendations of others. Parameters: none.
-- Returns: often (the 99th percentile of films that are named; null: none is), share (of films that tell what they
-- recommend). Index: source_recommendations_recommended_index; primary keys.
SELECT
    (
        SELECT percentile_disc(0.99) WITHIN GROUP (ORDER BY counted.films)
        FROM (
            SELECT count(*) AS films FROM source_recommendations GROUP BY recommended_tmdb_id
        ) AS counted
    ),
    coalesce(avg(EXISTS (SELECT FROM source_recommendations AS said WHERE said.movie_id = film.id)::integer), 0)::double precision
FROM movies AS film
