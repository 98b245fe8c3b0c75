-- Films of nominations that a source names without an id and that are not known, each title once.
-- Parameters: nomination_ids bigint[]. Returns: folded, title, ceremony_year, eligibility. Locks: none. Index: primary keys.
SELECT DISTINCT ON (film.folded, ceremony.year) film.folded, film.title, ceremony.year AS ceremony_year, organization.eligibility
FROM nomination_films AS film
INNER JOIN festival_nominations AS nomination ON nomination.id = film.nomination_id
INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
WHERE film.nomination_id = ANY (%(nomination_ids)s::bigint[])
  AND film.movie_id IS NULL
  AND film.imdb_id IS NULL
  AND film.folded <> ''
  AND NOT film.is_locked
ORDER BY film.folded, ceremony.year, film.title
