-- Which films that may be recommended have which of some features; a feature that more films have than it may is left out.
-- Parameters: movie_id bigint (left out); kinds smallint[], keys bigint[], most integer[], one entry each a feature;
-- most_cast, most_beside integer; jobs text[]; director text.
-- Returns, as binary COPY: place smallint (of the feature, from 0) and movie_id of each, by place and film.
-- Index: movies_collection_id_index, credits_person_id_index, movie_keywords_keyword_id_index,
-- movie_companies_company_id_index, recommendation_movies_words_index, source_recommendations_recommended_index,
-- list_entries primary key, festival_nominations_ceremony_index, primary keys.
COPY (
    SELECT (feature.number - 1)::smallint AS place, sharer.movie_id
    FROM unnest(%(kinds)s::smallint[], %(keys)s::bigint[], %(most)s::integer[])
        WITH ORDINALITY AS feature (kind, key, most, number)
    CROSS JOIN LATERAL (
        SELECT found.movie_id, count(*) OVER () AS films
        FROM (
            SELECT candidate.movie_id
            FROM (
                SELECT film.id AS movie_id FROM movies AS film WHERE feature.kind = 1 AND film.collection_id = feature.key
                UNION
                SELECT credit.movie_id FROM credits AS credit
                WHERE feature.kind = 2 AND credit.person_id = feature.key AND credit.kind = 'crew' AND credit.job = %(director)s
                UNION
                SELECT credit.movie_id FROM credits AS credit
                WHERE feature.kind = 3 AND credit.person_id = feature.key AND credit.kind = 'cast'
                  AND credit.position BETWEEN 0 AND %(most_cast)s - 1
                UNION
                SELECT credit.movie_id FROM credits AS credit
                WHERE feature.kind = 4 AND credit.person_id = feature.key AND credit.kind = 'crew' AND credit.job = ANY (%(jobs)s::text[])
                UNION
                SELECT link.movie_id FROM movie_keywords AS link WHERE feature.kind = 5 AND link.keyword_id = feature.key
                UNION
                SELECT link.movie_id FROM movie_companies AS link WHERE feature.kind = 6 AND link.company_id = feature.key
                UNION
                SELECT stored.movie_id FROM recommendation_movies AS stored
                WHERE feature.kind = 7 AND stored.words @> ARRAY[feature.key::integer]
                UNION
                SELECT film.id FROM movies AS film WHERE feature.kind = 8 AND film.tmdb_id = feature.key
                UNION
                SELECT told.movie_id FROM source_recommendations AS told
                WHERE feature.kind = 8 AND told.recommended_tmdb_id = feature.key
                UNION
                SELECT film.id
                FROM movies AS teller
                INNER JOIN source_recommendations AS told ON told.movie_id = teller.id
                INNER JOIN movies AS film ON film.tmdb_id = told.recommended_tmdb_id
                WHERE feature.kind = 8 AND teller.tmdb_id = feature.key
                  AND (
                      SELECT count(*) FROM source_recommendations AS other
                      WHERE other.recommended_tmdb_id = told.recommended_tmdb_id
                        AND (other.position, other.movie_id) < (told.position, told.movie_id)
                  ) < %(most_beside)s
                UNION
                SELECT entry.movie_id FROM list_entries AS entry
                INNER JOIN lists AS list ON list.id = entry.list_id
                WHERE feature.kind = 9 AND entry.list_id = feature.key AND entry.movie_id IS NOT NULL AND entry.left_at IS NULL
                  AND list.weight > 0
                UNION
                SELECT nominated.movie_id
                FROM festival_nominations AS nomination
                INNER JOIN nomination_films AS nominated ON nominated.nomination_id = nomination.id
                INNER JOIN festival_categories AS category ON category.id = nomination.category_id
                INNER JOIN festival_organizations AS organization ON organization.id = category.organization_id
                WHERE feature.kind = 10 AND nomination.ceremony_id = feature.key / 16384
                  AND nomination.category_id %% 16384 = feature.key %% 16384 AND nominated.movie_id IS NOT NULL
                  AND organization.prestige > 0
            ) AS candidate
            INNER JOIN movies AS film ON film.id = candidate.movie_id
            WHERE film.gone_at IS NULL
            LIMIT feature.most + 1
        ) AS found
    ) AS sharer
    INNER JOIN movies AS film ON film.id = sharer.movie_id
    WHERE sharer.films <= feature.most AND sharer.movie_id <> %(movie_id)s
      AND coalesce(film.status, 'Released') = 'Released'
    ORDER BY place, sharer.movie_id
) TO STDOUT (FORMAT binary)
