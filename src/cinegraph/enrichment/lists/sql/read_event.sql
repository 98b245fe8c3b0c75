-- The films that an awards event honoured, the newest edition first: winners where an edition tells who won, else all of it.
-- Parameters: key text. Returns: imdb_id, tmdb_id (where there is no IMDb id, or a person decided which film it is), title, year.
-- Locks: none. Index: ceremonies of the organisation; nominations of the ceremony.
WITH edition AS MATERIALIZED (
    SELECT
        ceremony.id, ceremony.year, ceremony.part,
        EXISTS (
            SELECT FROM festival_nominations AS won WHERE won.ceremony_id = ceremony.id AND won.is_winner
        ) AS tells_winners
    FROM festival_organizations AS organization
    INNER JOIN festival_ceremonies AS ceremony ON ceremony.organization_id = organization.id
    WHERE organization.key = %(key)s
)
SELECT
    CASE WHEN film.is_locked THEN movies.imdb_id ELSE film.imdb_id END AS imdb_id,
    CASE WHEN film.is_locked OR film.imdb_id IS NULL THEN movies.tmdb_id END AS tmdb_id,
    coalesce(movies.title, nullif(film.title, '')) AS title,
    extract(year FROM movies.release_date)::integer AS year
FROM edition
INNER JOIN festival_nominations AS nomination ON nomination.ceremony_id = edition.id
INNER JOIN nomination_films AS film ON film.nomination_id = nomination.id
LEFT JOIN movies ON movies.id = film.movie_id
WHERE nomination.is_winner OR NOT edition.tells_winners
ORDER BY edition.year DESC, edition.part DESC, nomination.position, nomination.id, film.position
