-- Films and nominees of nominations that are not known: the newest editions of the most prestigious festivals first, competitive
-- categories before others.
-- Parameters: organization text (null: all), year smallint (null: all); after_nomination bigint, after_is_film boolean, after_position
-- smallint: the last one of the page before (null: from the first), which may be known by now; "limit" integer.
-- Returns: reference parts nomination_id, is_film, position; festival, year, category, is_competitive, name, kind, imdb_ids, what_for, film
-- (title of the first), movie_ids (of ours), lookup_state, lookup_reason, candidates jsonb, total (of all). Locks: none.
-- Reads all nominations: some 50 ms a hundred thousand.
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
), placed AS (
    SELECT
        open.*, organization.key AS festival, ceremony.year, nomination.category_name AS category, category.is_competitive,
        coalesce(open.role, category.name) AS what_for,
        NOT category.is_competitive AS is_other, -organization.prestige AS by_prestige, -ceremony.year AS by_year, ceremony.part,
        nomination.position AS place, NOT open.is_film AS is_nominee,
        count(*) OVER () AS total
    FROM open
    INNER JOIN festival_nominations AS nomination ON nomination.id = open.nomination_id
    INNER JOIN festival_categories AS category ON category.id = nomination.category_id
    INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
    INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
    WHERE (organization.key = %(organization)s OR %(organization)s::text IS NULL)
      AND (ceremony.year = %(year)s OR %(year)s::smallint IS NULL)
), page AS (
    SELECT * FROM placed
    WHERE %(after_nomination)s::bigint IS NULL
       OR (is_other, by_prestige, by_year, part, place, nomination_id, is_nominee, position) > (
            SELECT
                NOT category.is_competitive, -organization.prestige, -ceremony.year, ceremony.part, nomination.position, nomination.id,
                NOT %(after_is_film)s::boolean, %(after_position)s::smallint
            FROM festival_nominations AS nomination
            INNER JOIN festival_categories AS category ON category.id = nomination.category_id
            INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
            INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
            WHERE nomination.id = %(after_nomination)s
        )
    ORDER BY is_other, by_prestige, by_year, part, place, nomination_id, is_nominee, position
    LIMIT %(limit)s
)
SELECT
    page.nomination_id, page.is_film, page.position, page.festival, page.year, page.category, page.is_competitive, page.name, page.kind,
    page.imdb_ids, page.what_for, first.title AS film,
    ARRAY(
        SELECT film.movie_id
        FROM nomination_films AS film
        WHERE film.nomination_id = page.nomination_id AND film.movie_id IS NOT NULL
        ORDER BY film.position
    ) AS movie_ids,
    lookup.state AS lookup_state, lookup.reason AS lookup_reason, coalesce(lookup.candidates, '[]') AS candidates,
    page.total
FROM page
LEFT JOIN LATERAL (
    SELECT coalesce(nullif(film.title, ''), film.imdb_id) AS title
    FROM nomination_films AS film
    WHERE film.nomination_id = page.nomination_id
    ORDER BY film.position
    LIMIT 1
) AS first ON true
LEFT JOIN LATERAL (
    SELECT known.state, known.reason, known.candidates
    FROM festival_lookups AS known
    WHERE known.imdb_id = ANY (page.imdb_ids)
       OR (page.is_film AND page.imdb_ids = '{}' AND known.folded = page.folded)
    ORDER BY known.id
    LIMIT 1
) AS lookup ON true
ORDER BY
    page.is_other, page.by_prestige, page.by_year, page.part, page.place, page.nomination_id, page.is_nominee, page.position
