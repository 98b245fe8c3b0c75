-- An edition's nominations, in the order of its categories, winners first.
-- Parameters: organization text (key); year, part smallint. Returns: a row a nomination: id, category, category_name,
-- is_competitive, is_winner, songs, country, subject, note, citation, films, nominees, said: JSON lists; default_source. Locks: none.
SELECT
    nomination.id, category.name AS category, nomination.category_name, category.is_competitive, nomination.is_winner,
    nomination.songs, nomination.country, nomination.subject, nomination.note, nomination.citation,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'title', coalesce(nullif(film.title, ''), movies.title, film.imdb_id, ''), 'imdb_id', film.imdb_id,
            'tmdb_id', movies.tmdb_id, 'characters', film.characters, 'position', film.position,
            'is_locked', film.is_locked
        ) ORDER BY film.position), '[]')
        FROM nomination_films AS film
        LEFT JOIN movies ON movies.id = film.movie_id
        WHERE film.nomination_id = nomination.id
    ) AS films,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', nominee.name, 'role', nominee.role, 'kind', nominee.kind, 'tmdb_id', people.tmdb_id,
            'position', nominee.position, 'is_locked', nominee.is_locked
        ) ORDER BY nominee.position), '[]')
        FROM nomination_people AS nominee
        LEFT JOIN people ON people.id = nominee.person_id
        WHERE nominee.nomination_id = nomination.id
    ) AS nominees,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'source', statement.source, 'is_shared', meaning.is_shared, 'statement', statement.body
        ) ORDER BY statement.source, statement.position), '[]')
        FROM nomination_meanings AS meaning
        INNER JOIN nomination_statements AS statement ON statement.id = meaning.statement_id
        WHERE meaning.nomination_id = nomination.id AND statement.withdrawn_at IS NULL
    ) AS said,
    organization.default_source
FROM festival_nominations AS nomination
INNER JOIN festival_categories AS category ON category.id = nomination.category_id
INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
WHERE organization.key = %(organization)s
  AND ceremony.year = %(year)s
  AND ceremony.part = %(part)s
ORDER BY
    category.is_competitive DESC, min(nomination.position) OVER (PARTITION BY nomination.category_id),
    nomination.is_winner DESC NULLS LAST, nomination.position
