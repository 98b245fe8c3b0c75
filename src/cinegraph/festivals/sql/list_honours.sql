-- The nominations of a film or of a person, the newest edition first.
-- Parameters: movie_id, person_id bigint, one of them null; most integer.
-- Returns: the columns of honours.Honour. Locks: none. Index: nomination_films_movie_index, nomination_people_person_index.
SELECT
    organization.key AS festival, organization.name AS festival_name, ceremony.year, ceremony.part,
    nomination.category_name AS category, nomination.is_winner, category.is_competitive, nomination.songs,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'title', coalesce(nullif(film.title, ''), movies.title, film.imdb_id, ''), 'movie_id', film.movie_id,
            'characters', film.characters
        ) ORDER BY film.position), '[]')
        FROM nomination_films AS film
        LEFT JOIN movies ON movies.id = film.movie_id
        WHERE film.nomination_id = nomination.id
    ) AS films,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', nominee.name, 'role', nominee.role, 'person_id', nominee.person_id
        ) ORDER BY nominee.position), '[]')
        FROM nomination_people AS nominee
        WHERE nominee.nomination_id = nomination.id
    ) AS nominees
FROM festival_nominations AS nomination
INNER JOIN festival_categories AS category ON category.id = nomination.category_id
INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
WHERE nomination.id = ANY (ARRAY(
    SELECT film.nomination_id FROM nomination_films AS film WHERE film.movie_id = %(movie_id)s::bigint
    UNION
    SELECT nominee.nomination_id FROM nomination_people AS nominee WHERE nominee.person_id = %(person_id)s::bigint
))
ORDER BY
    ceremony.year DESC, organization.prestige DESC, organization.key, ceremony.part DESC,
    nomination.is_winner DESC NULLS LAST, nomination.position, nomination.id
LIMIT %(most)s
