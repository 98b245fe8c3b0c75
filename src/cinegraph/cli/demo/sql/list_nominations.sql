-- Nominations as they are stored. Parameters: none. Returns: category, tmdb_id of the film, is_winner, names of the nominees.
SELECT
    category.name, movies.tmdb_id, nomination.is_winner,
    ARRAY(SELECT nominee.name FROM nomination_people AS nominee WHERE nominee.nomination_id = nomination.id ORDER BY nominee.position)
FROM festival_nominations AS nomination
INNER JOIN festival_categories AS category ON category.id = nomination.category_id
LEFT JOIN movies ON movies.id = nomination.movie_id
