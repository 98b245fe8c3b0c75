-- The features of films as cinegraph.enrichment.recommendations.kinds counts them, but words, language and era.
-- Parameters: movie_ids bigint[]; most_cast, most_beside integer; own_value real (of a film among its own neighbours);
-- jobs text[], job_values real[] (of the crew, by job); director text.
-- Returns, as binary COPY: movie_id, kind, key, value of each, by film, kind and key; films that are gone have none.
-- Index: primary keys, source_recommendations_recommended_index, list_entries_movie_index, nomination_films_movie_index.
COPY (
    WITH film AS MATERIALIZED (
        SELECT id, tmdb_id, collection_id
        FROM movies
        WHERE id = ANY (%(movie_ids)s::bigint[]) AND gone_at IS NULL
    )
    SELECT feature.movie_id, feature.kind::smallint, feature.key::bigint, max(feature.value)::real AS value
    FROM (
        SELECT film.id AS movie_id, 1 AS kind, film.collection_id AS key, 1.0 AS value
        FROM film
        WHERE film.collection_id IS NOT NULL
        UNION ALL
        SELECT film.id, 2, credit.person_id, 1.0
        FROM film
        INNER JOIN credits AS credit ON credit.movie_id = film.id
        WHERE credit.kind = 'crew' AND credit.job = %(director)s
        UNION ALL
        SELECT film.id, 3, credit.person_id, 1.0 / sqrt(1.0 + credit.position)
        FROM film
        INNER JOIN credits AS credit ON credit.movie_id = film.id
        WHERE credit.kind = 'cast' AND credit.position BETWEEN 0 AND %(most_cast)s - 1
        UNION ALL
        SELECT film.id, 4, credit.person_id, job.value
        FROM film
        INNER JOIN credits AS credit ON credit.movie_id = film.id
        INNER JOIN unnest(%(jobs)s::text[], %(job_values)s::real[]) AS job (name, value) ON job.name = credit.job
        WHERE credit.kind = 'crew'
        UNION ALL
        SELECT film.id, 5, link.keyword_id, 1.0
        FROM film
        INNER JOIN movie_keywords AS link ON link.movie_id = film.id
        UNION ALL
        SELECT film.id, 6, link.company_id, 1.0
        FROM film
        INNER JOIN movie_companies AS link ON link.movie_id = film.id
        UNION ALL
        SELECT film.id, 8, film.tmdb_id, %(own_value)s
        FROM film
        WHERE film.tmdb_id IS NOT NULL
        UNION ALL
        SELECT film.id, 8, told.recommended_tmdb_id, 1.0
        FROM film
        INNER JOIN source_recommendations AS told ON told.movie_id = film.id
        UNION ALL
        SELECT film.id, 8, teller.tmdb_id, 1.0
        FROM film
        CROSS JOIN LATERAL (
            SELECT told.movie_id
            FROM source_recommendations AS told
            WHERE told.recommended_tmdb_id = film.tmdb_id
            ORDER BY told.position, told.movie_id
            LIMIT %(most_beside)s
        ) AS by
        INNER JOIN movies AS teller ON teller.id = by.movie_id
        WHERE teller.tmdb_id IS NOT NULL
        UNION ALL
        SELECT film.id, 9, entry.list_id, list.weight
        FROM film
        INNER JOIN list_entries AS entry ON entry.movie_id = film.id AND entry.left_at IS NULL
        INNER JOIN lists AS list ON list.id = entry.list_id
        UNION ALL
        SELECT film.id, 10, nomination.ceremony_id * 16384 + nomination.category_id %% 16384, organization.prestige
        FROM film
        INNER JOIN nomination_films AS nominated ON nominated.movie_id = film.id
        INNER JOIN festival_nominations AS nomination ON nomination.id = nominated.nomination_id
        INNER JOIN festival_categories AS category ON category.id = nomination.category_id
        INNER JOIN festival_organizations AS organization ON organization.id = category.organization_id
        UNION ALL
        SELECT film.id, 11, link.genre_id, 1.0
        FROM film
        INNER JOIN movie_genres AS link ON link.movie_id = film.id
    ) AS feature
    GROUP BY feature.movie_id, feature.kind, feature.key
    HAVING max(feature.value) > 0
    ORDER BY feature.movie_id, feature.kind, feature.key
) TO STDOUT (FORMAT binary)
