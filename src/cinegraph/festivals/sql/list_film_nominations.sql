-- For what a film was nominated, the latest edition first, winners first.
-- Parameters: movie_id bigint. Returns: the columns of browse.FilmNomination. Locks: none. Index: nomination_films_movie_index.
SELECT
    nomination.id, organization.key AS festival, organization.name AS festival_name, ceremony.year, ceremony.part,
    category.name AS category, nomination.category_name, category.is_competitive, nomination.is_winner,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', nominee.name, 'role', nominee.role, 'kind', nominee.kind, 'tmdb_id', people.tmdb_id,
            'position', nominee.position, 'is_locked', nominee.is_locked
        ) ORDER BY nominee.position), '[]')
        FROM nomination_people AS nominee
        LEFT JOIN people ON people.id = nominee.person_id
        WHERE nominee.nomination_id = nomination.id
    ) AS nominees
FROM festival_nominations AS nomination
INNER JOIN festival_categories AS category ON category.id = nomination.category_id
INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
WHERE nomination.id IN (SELECT film.nomination_id FROM nomination_films AS film WHERE film.movie_id = %(movie_id)s)
ORDER BY
    ceremony.year DESC, ceremony.part DESC, organization.name, nomination.is_winner DESC NULLS LAST,
    category.is_competitive DESC, nomination.position
