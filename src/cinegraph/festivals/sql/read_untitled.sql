-- Films of nominations that a source names without an id and that are not known, each title once for the year in which its films came out,
-- whichever festivals honour it, and what was answered for it.
-- Parameters: nomination_ids bigint[]; again_before timestamptz: what was not found before then is looked for again.
-- Returns: folded, title, ceremony_year, eligibility, lookup_id (null: never looked for, or to be looked for again), tmdb_id, is_open (it
-- is wanted, or found). Locks: none. Index: primary keys; title of lookups.
SELECT DISTINCT ON (named.folded, named.year)
    named.folded, named.title, named.ceremony_year, named.eligibility,
    CASE
        WHEN lookup.state IN ('absent', 'unsure') AND lookup.asked_at < %(again_before)s THEN NULL
        ELSE lookup.id
    END AS lookup_id,
    lookup.tmdb_id, coalesce(lookup.state IN ('wanted', 'found'), false) AS is_open
FROM (
    SELECT
        film.folded, film.title, ceremony.year AS ceremony_year, organization.eligibility,
        CASE organization.eligibility
            WHEN 'year_before' THEN ceremony.year - 1
            WHEN 'same_year' THEN ceremony.year
            ELSE 0
        END AS year
    FROM nomination_films AS film
    INNER JOIN festival_nominations AS nomination ON nomination.id = film.nomination_id
    INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
    INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
    WHERE film.nomination_id = ANY (%(nomination_ids)s::bigint[])
      AND film.movie_id IS NULL
      AND film.imdb_id IS NULL
      AND film.folded <> ''
      AND NOT film.is_locked
) AS named
LEFT JOIN festival_lookups AS lookup ON lookup.folded = named.folded AND coalesce(lookup.year, 0) = named.year
ORDER BY named.folded, named.year, named.ceremony_year, named.title
