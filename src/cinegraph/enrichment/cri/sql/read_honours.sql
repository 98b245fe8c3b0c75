-- The nominations of films, each once a film.
-- Parameters: movie_ids bigint[]; held_categories bigint[] (that do not count).
-- Returns: movie_id, nomination_id, festival (its key), festival_name, prestige, category, class, is_winner (null counts as
-- not won), in this order. Index: nomination_films_movie_index.
SELECT DISTINCT
    film.movie_id, nomination.id, festival.key, festival.name, festival.prestige::double precision, category.name,
    category.class, coalesce(nomination.is_winner, false)
FROM nomination_films AS film
INNER JOIN festival_nominations AS nomination ON nomination.id = film.nomination_id
INNER JOIN festival_categories AS category ON category.id = nomination.category_id
INNER JOIN festival_organizations AS festival ON festival.id = category.organization_id
WHERE film.movie_id = ANY (%(movie_ids)s::bigint[])
  AND category.id <> ALL (%(held_categories)s::bigint[])
ORDER BY film.movie_id, nomination.id
