-- The editions of a run of awards, with what hangs on each. Parameters: run_id bigint. Returns: ceremony_id, festival, year, part,
-- state, nominations, films, stored, rated, rated_planned, people, people_linked; the newest first. Locks: none.
-- Index: primary keys; nominations by ceremony.
SELECT
    ceremony.id AS ceremony_id, organization.key AS festival, ceremony.year, ceremony.part, item.state,
    named.nominations, named.films, named.stored, named.rated, named.rated_planned, nominee.people, nominee.people_linked
FROM sync_run_items AS item
INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = item.external_id
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
CROSS JOIN LATERAL (
    SELECT
        count(DISTINCT film.nomination_id) AS nominations,
        count(DISTINCT coalesce(film.imdb_id, film.folded)) AS films,
        count(DISTINCT film.movie_id) AS stored,
        count(DISTINCT film.tmdb_id) FILTER (WHERE film.omdb_state IN ('done', 'absent')) AS rated,
        count(DISTINCT film.tmdb_id) FILTER (WHERE film.omdb_state IS NOT NULL) AS rated_planned
    FROM festival_run_films AS film
    WHERE film.run_id = item.run_id AND film.ceremony_id = ceremony.id
) AS named
CROSS JOIN LATERAL (
    SELECT count(*) AS people, count(nominee.person_id) AS people_linked
    FROM festival_nominations AS nomination
    INNER JOIN nomination_people AS nominee ON nominee.nomination_id = nomination.id AND nominee.kind <> 'company'
    WHERE nomination.ceremony_id = ceremony.id
) AS nominee
WHERE item.run_id = %(run_id)s AND item.kind = 'edition'
ORDER BY ceremony.year DESC, ceremony.part DESC
