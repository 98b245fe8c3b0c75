-- What a film's page shows beyond its facts, in one row; lists come as JSON in their own order.
-- Parameters: movie_id bigint. Returns: the columns of showing.FilmExtras. Locks: none. Index: primary keys,
-- movie_redirects_to_index.
SELECT
    film.tagline, film.homepage, film.poster_path, film.is_adult, film.is_video,
    ARRAY(
        SELECT coalesce(languages.english_name, languages.code)
        FROM movie_languages JOIN languages ON languages.code = movie_languages.language_code
        WHERE movie_languages.movie_id = film.id ORDER BY movie_languages.position
    ) AS languages,
    coalesce((
        SELECT jsonb_agg(also ORDER BY also.country_code, also.title)
        FROM (
            SELECT country_code, title, kind FROM alternative_titles WHERE movie_id = film.id
            ORDER BY country_code, title LIMIT 200
        ) AS also
    ), '[]') AS titles,
    coalesce((
        SELECT jsonb_agg(jsonb_build_object('site', site, 'value', value) ORDER BY site)
        FROM movie_external_ids WHERE movie_id = film.id
    ), '[]') AS external_ids,
    coalesce((
        SELECT jsonb_agg(
            jsonb_build_object('source', source, 'kind', kind, 'text', text, 'number', number, 'as_of', as_of)
            ORDER BY source, kind
        )
        FROM movie_facts WHERE movie_id = film.id
    ), '[]') AS facts,
    coalesce((
        SELECT jsonb_agg(offer ORDER BY offer.country, offer.kind)
        FROM (
            SELECT
                coalesce(countries.name, said.country_code) AS country, said.kind,
                array_agg(provider.name ORDER BY said.position, provider.name) AS providers
            FROM watch_offers AS said
            INNER JOIN watch_providers AS provider ON provider.id = said.provider_id
            LEFT JOIN countries ON countries.code = said.country_code
            WHERE said.movie_id = film.id
            GROUP BY 1, 2
        ) AS offer
    ), '[]') AS offers,
    coalesce((
        SELECT jsonb_agg(to_jsonb(stone) ORDER BY stone.buried_at DESC)
        FROM (
            SELECT
                denied_at, last_denied_at, denials, missing_since, exports, buried_at, revived_at, revived_by, cut_at
            FROM tombstones WHERE movie_id = film.id
        ) AS stone
    ), '[]') AS tombstones,
    coalesce((
        SELECT jsonb_agg(to_jsonb(redirect) ORDER BY redirect.found_at DESC)
        FROM (
            SELECT
                said.from_movie_id, former.title AS from_title, said.to_movie_id, heir.title AS to_title, said.evidence,
                said.detail, said.confidence, said.found_at, said.undone_at, said.undone_by
            FROM movie_redirects AS said
            INNER JOIN movies AS former ON former.id = said.from_movie_id
            INNER JOIN movies AS heir ON heir.id = said.to_movie_id
            WHERE said.from_movie_id = film.id OR said.to_movie_id = film.id
        ) AS redirect
    ), '[]') AS redirects
FROM movies AS film
WHERE film.id = %(movie_id)s
