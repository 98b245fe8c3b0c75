-- Films and nominees of nominations that are not known: the newest editions of the most prestigious festivals first, competitive
-- categories before others.
-- Parameters: organization text (null: all), year smallint (null: all), "limit" integer. Returns: reference parts nomination_id,
-- is_film, position; festival, year, category, is_competitive, name, kind, imdb_ids, what_for, film (title of the first), movie_ids (of ours),
-- lookup_state, lookup_reason, candidates jsonb, total (of all). Locks: none. Reads all nominations: some 100 ms a hundred thousand.
WITH open AS (
    SELECT
        film.nomination_id, true AS is_film, film.position, coalesce(nullif(film.title, ''), film.imdb_id) AS name, 'film' AS kind,
        array_remove(ARRAY[film.imdb_id], NULL) AS imdb_ids, NULL AS role, film.folded
    FROM nomination_films AS film
    WHERE film.movie_id IS NULL AND NOT film.is_locked
    UNION ALL
    SELECT nominee.nomination_id, false, nominee.position, nominee.name, nominee.kind, nominee.imdb_ids, nominee.role, NULL
    FROM nomination_people AS nominee
    WHERE nominee.person_id IS NULL AND nominee.company_id IS NULL AND NOT nominee.is_locked
)
SELECT
    open.nomination_id, open.is_film, open.position, organization.key AS festival, ceremony.year, nomination.category_name AS category,
    category.is_competitive, open.name, open.kind, open.imdb_ids, coalesce(open.role, category.name) AS what_for, first.title AS film,
    ARRAY(
        SELECT film.movie_id
        FROM nomination_films AS film
        WHERE film.nomination_id = open.nomination_id AND film.movie_id IS NOT NULL
        ORDER BY film.position
    ) AS movie_ids,
    lookup.state AS lookup_state, lookup.reason AS lookup_reason, coalesce(lookup.candidates, '[]') AS candidates,
    count(*) OVER () AS total
FROM open
INNER JOIN festival_nominations AS nomination ON nomination.id = open.nomination_id
INNER JOIN festival_categories AS category ON category.id = nomination.category_id
INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
LEFT JOIN LATERAL (
    SELECT coalesce(nullif(film.title, ''), film.imdb_id) AS title
    FROM nomination_films AS film
    WHERE film.nomination_id = open.nomination_id
    ORDER BY film.position
    LIMIT 1
) AS first ON true
LEFT JOIN LATERAL (
    SELECT known.state, known.reason, known.candidates
    FROM festival_lookups AS known
    WHERE known.imdb_id = ANY (open.imdb_ids)
       OR (open.is_film AND open.imdb_ids = '{}' AND known.folded = open.folded)
    ORDER BY known.id
    LIMIT 1
) AS lookup ON true
WHERE (organization.key = %(organization)s OR %(organization)s::text IS NULL)
  AND (ceremony.year = %(year)s OR %(year)s::smallint IS NULL)
ORDER BY category.is_competitive DESC, organization.prestige DESC, ceremony.year DESC, ceremony.part, nomination.position,
    open.nomination_id, open.is_film DESC, open.position
LIMIT %(limit)s
