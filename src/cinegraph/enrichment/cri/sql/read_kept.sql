-- The films that an awards event keeps as a registry does.
-- Parameters: movie_ids bigint[] (null: all films); festival text (its key); held_categories bigint[] (that do not count).
-- Returns: movie_id, weight (of the list that is made of the event, else its prestige), by film.
-- Index: festival_nominations_category_index, nomination_films_movie_index.
SELECT
    film.movie_id,
    coalesce(
        (SELECT max(weight) FROM lists WHERE source = 'event' AND location = %(festival)s), max(festival.prestige)
    )::double precision
FROM festival_organizations AS festival
INNER JOIN festival_categories AS category ON category.organization_id = festival.id
INNER JOIN festival_nominations AS nomination ON nomination.category_id = category.id
INNER JOIN nomination_films AS film ON film.nomination_id = nomination.id
WHERE festival.key = %(festival)s
  AND film.movie_id IS NOT NULL
  AND (%(movie_ids)s::bigint[] IS NULL OR film.movie_id = ANY (%(movie_ids)s::bigint[]))
  AND category.id <> ALL (%(held_categories)s::bigint[])
GROUP BY film.movie_id
ORDER BY film.movie_id
