-- What an edition comes to: counts of its competitive awards beside all.
-- Parameters: organization text (key); year, part smallint. Returns: at most one row: ceremony_id, number, nominations, competitive,
-- categories, films, winners, linked_films, people, linked_people. Locks: none.
SELECT
    ceremony.id AS ceremony_id, ceremony.number, counted.nominations, counted.competitive, counted.categories, counted.films,
    counted.winners, counted.linked_films, named.people, named.linked_people
FROM festival_ceremonies AS ceremony
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
CROSS JOIN LATERAL (
    SELECT
        count(*) AS nominations,
        count(*) FILTER (WHERE category.is_competitive) AS competitive,
        count(DISTINCT nomination.category_id) FILTER (WHERE category.is_competitive) AS categories,
        count(DISTINCT coalesce(nomination.movie_id::text, film.imdb_id, film.title)) FILTER (WHERE category.is_competitive) AS films,
        count(*) FILTER (WHERE category.is_competitive AND nomination.is_winner) AS winners,
        count(DISTINCT nomination.movie_id) FILTER (WHERE category.is_competitive) AS linked_films
    FROM festival_nominations AS nomination
    INNER JOIN festival_categories AS category ON category.id = nomination.category_id
    LEFT JOIN LATERAL (
        SELECT imdb_id, title
        FROM nomination_films
        WHERE nomination_id = nomination.id
        ORDER BY position
        LIMIT 1
    ) AS film ON true
    WHERE nomination.ceremony_id = ceremony.id
) AS counted
CROSS JOIN LATERAL (
    SELECT count(*) AS people, count(nominee.person_id) AS linked_people
    FROM festival_nominations AS nomination
    INNER JOIN festival_categories AS category ON category.id = nomination.category_id AND category.is_competitive
    INNER JOIN nomination_people AS nominee ON nominee.nomination_id = nomination.id AND nominee.kind <> 'company'
    WHERE nomination.ceremony_id = ceremony.id
) AS named
WHERE organization.key = %(organization)s
  AND ceremony.year = %(year)s
  AND ceremony.part = %(part)s
  AND ceremony.said_at IS NOT NULL
