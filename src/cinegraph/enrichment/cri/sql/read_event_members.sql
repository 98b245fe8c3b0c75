-- The films of each category of awards. Parameters: festival text (its key; null: all).
-- Returns: festival, category_id, category, member (IMDb's id), won (whether in some year), once each.
-- Index: festival_nominations_category_index, primary keys.
SELECT
    festival.key, category.id, category.name, coalesce(named.imdb_id, film.imdb_id),
    coalesce(bool_or(nomination.is_winner), false)
FROM festival_organizations AS festival
INNER JOIN festival_categories AS category ON category.organization_id = festival.id
INNER JOIN festival_nominations AS nomination ON nomination.category_id = category.id
INNER JOIN nomination_films AS named ON named.nomination_id = nomination.id
LEFT JOIN movies AS film ON film.id = named.movie_id
WHERE (%(festival)s::text IS NULL OR festival.key = %(festival)s) AND coalesce(named.imdb_id, film.imdb_id) IS NOT NULL
GROUP BY festival.id, category.id, coalesce(named.imdb_id, film.imdb_id)
