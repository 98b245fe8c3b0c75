-- Every festival, and what is known of it: the most prestigious first. An edition that was asked for, and of which nothing is known, does not count.
-- Parameters: none. Returns: key, name, country, founded_year, imdb_event_id, editions, latest_year, nominations, films, linked_films, people,
-- linked_people (companies are not counted), said_at. Locks: none. Reads all nominations: some 50 ms a hundred thousand.
SELECT
    organization.key, organization.name, organization.country, organization.founded_year, organization.imdb_event_id,
    coalesce(edition.editions, 0) AS editions, edition.latest_year,
    coalesce(nomination.nominations, 0) AS nominations,
    coalesce(film.films, 0) AS films, coalesce(film.linked, 0) AS linked_films,
    coalesce(nominee.people, 0) AS people, coalesce(nominee.linked, 0) AS linked_people,
    edition.said_at
FROM festival_organizations AS organization
LEFT JOIN (
    SELECT organization_id, count(*) AS editions, max(year) AS latest_year, max(said_at) AS said_at
    FROM festival_ceremonies AS held
    WHERE EXISTS (SELECT FROM festival_nominations AS nominated WHERE nominated.ceremony_id = held.id)
    GROUP BY organization_id
) AS edition ON edition.organization_id = organization.id
LEFT JOIN (
    SELECT ceremony.organization_id, count(*) AS nominations
    FROM festival_nominations
    INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = ceremony_id
    GROUP BY ceremony.organization_id
) AS nomination ON nomination.organization_id = organization.id
LEFT JOIN (
    SELECT ceremony.organization_id, count(*) AS films, count(named.movie_id) AS linked
    FROM nomination_films AS named
    INNER JOIN festival_nominations AS nominated ON nominated.id = named.nomination_id
    INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nominated.ceremony_id
    GROUP BY ceremony.organization_id
) AS film ON film.organization_id = organization.id
LEFT JOIN (
    SELECT ceremony.organization_id, count(*) AS people, count(named.person_id) AS linked
    FROM nomination_people AS named
    INNER JOIN festival_nominations AS nominated ON nominated.id = named.nomination_id
    INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nominated.ceremony_id
    WHERE named.kind <> 'company'
    GROUP BY ceremony.organization_id
) AS nominee ON nominee.organization_id = organization.id
ORDER BY organization.prestige DESC, organization.key
