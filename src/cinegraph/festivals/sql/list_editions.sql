-- A festival's editions of which something is known, the newest first.
-- Parameters: organization text (key). Returns: year, part, number, nominations, categories, winners, films, linked_films, sources text[],
-- said_at. Locks: none. Index: unique organization, year, part; nominations by ceremony. The largest festival: some 15,000 nominations, 30 ms.
SELECT
    ceremony.year, ceremony.part, ceremony.number, counted.nominations, counted.categories, counted.winners, counted.films,
    counted.linked_films,
    ARRAY(
        SELECT told.source FROM festival_edition_sources AS told
        WHERE told.ceremony_id = ceremony.id AND told.nominations > 0
        ORDER BY told.source
    ) AS sources,
    ceremony.said_at
FROM festival_ceremonies AS ceremony
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
CROSS JOIN LATERAL (
    SELECT
        count(DISTINCT nomination.id) AS nominations,
        count(DISTINCT nomination.category_id) AS categories,
        count(DISTINCT nomination.id) FILTER (WHERE nomination.is_winner) AS winners,
        count(film.nomination_id) AS films,
        count(film.movie_id) AS linked_films
    FROM festival_nominations AS nomination
    LEFT JOIN nomination_films AS film ON film.nomination_id = nomination.id
    WHERE nomination.ceremony_id = ceremony.id
) AS counted
WHERE organization.key = %(organization)s AND counted.nominations > 0
ORDER BY ceremony.year DESC, ceremony.part DESC
