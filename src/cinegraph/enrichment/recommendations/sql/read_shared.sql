-- What a film has in common with others, by name.
-- Parameters: movie_id bigint; movie_ids bigint[] (the others); most_cast integer; jobs text[]; director text.
-- Returns: movie_id (of the other), kind, names text[] of each kind they share, those that tell most first.
-- Index: primary keys, list_entries_movie_index, nomination_films_movie_index, source_recommendations_recommended_index.
WITH other AS MATERIALIZED (
    SELECT id, tmdb_id, collection_id, original_language FROM movies WHERE id = ANY (%(movie_ids)s::bigint[])
), seed AS MATERIALIZED (
    SELECT id, tmdb_id, collection_id, original_language FROM movies WHERE id = %(movie_id)s
), shared AS (
    SELECT other.id AS movie_id, 'series' AS kind, series.name, 0.0 AS place
    FROM seed
    INNER JOIN other ON other.collection_id = seed.collection_id
    INNER JOIN collections AS series ON series.id = seed.collection_id
    UNION ALL
    SELECT theirs.movie_id, 'director', person.name, 0.0
    FROM credits AS ours
    INNER JOIN credits AS theirs ON theirs.person_id = ours.person_id AND theirs.movie_id = ANY (%(movie_ids)s::bigint[])
    INNER JOIN people AS person ON person.id = ours.person_id
    WHERE ours.movie_id = %(movie_id)s AND ours.kind = 'crew' AND ours.job = %(director)s
      AND theirs.kind = 'crew' AND theirs.job = %(director)s
    UNION ALL
    SELECT theirs.movie_id, 'cast', person.name, ours.position + theirs.position
    FROM credits AS ours
    INNER JOIN credits AS theirs ON theirs.person_id = ours.person_id AND theirs.movie_id = ANY (%(movie_ids)s::bigint[])
    INNER JOIN people AS person ON person.id = ours.person_id
    WHERE ours.movie_id = %(movie_id)s AND ours.kind = 'cast' AND ours.position BETWEEN 0 AND %(most_cast)s - 1
      AND theirs.kind = 'cast' AND theirs.position BETWEEN 0 AND %(most_cast)s - 1
    UNION ALL
    SELECT theirs.movie_id, 'crew', person.name, array_position(%(jobs)s::text[], ours.job)
    FROM credits AS ours
    INNER JOIN credits AS theirs ON theirs.person_id = ours.person_id AND theirs.movie_id = ANY (%(movie_ids)s::bigint[])
    INNER JOIN people AS person ON person.id = ours.person_id
    WHERE ours.movie_id = %(movie_id)s AND ours.kind = 'crew' AND ours.job = ANY (%(jobs)s::text[])
      AND theirs.kind = 'crew' AND theirs.job = ANY (%(jobs)s::text[])
    UNION ALL
    SELECT theirs.movie_id, 'keywords', keyword.name, coalesce(counted.films, 1)
    FROM movie_keywords AS ours
    INNER JOIN movie_keywords AS theirs ON theirs.keyword_id = ours.keyword_id AND theirs.movie_id = ANY (%(movie_ids)s::bigint[])
    INNER JOIN keywords AS keyword ON keyword.id = ours.keyword_id
    LEFT JOIN recommendation_features AS counted ON counted.kind = 5 AND counted.key = ours.keyword_id
    WHERE ours.movie_id = %(movie_id)s
    UNION ALL
    SELECT theirs.movie_id, 'companies', company.name, coalesce(counted.films, 1)
    FROM movie_companies AS ours
    INNER JOIN movie_companies AS theirs ON theirs.company_id = ours.company_id AND theirs.movie_id = ANY (%(movie_ids)s::bigint[])
    INNER JOIN companies AS company ON company.id = ours.company_id
    LEFT JOIN recommendation_features AS counted ON counted.kind = 6 AND counted.key = ours.company_id
    WHERE ours.movie_id = %(movie_id)s
    UNION ALL
    SELECT other.id, 'beside', 'each other', 0.0
    FROM seed
    CROSS JOIN other
    WHERE EXISTS (
        SELECT FROM source_recommendations AS told
        WHERE (told.movie_id = seed.id AND told.recommended_tmdb_id = other.tmdb_id)
           OR (told.movie_id = other.id AND told.recommended_tmdb_id = seed.tmdb_id)
    )
    UNION ALL
    SELECT theirs.movie_id, 'lists', list.name, list.id
    FROM list_entries AS ours
    INNER JOIN list_entries AS theirs
        ON theirs.list_id = ours.list_id AND theirs.movie_id = ANY (%(movie_ids)s::bigint[]) AND theirs.left_at IS NULL
    INNER JOIN lists AS list ON list.id = ours.list_id
    WHERE ours.movie_id = %(movie_id)s AND ours.left_at IS NULL AND list.weight > 0
    UNION ALL
    SELECT found.movie_id, 'awards', category.name || ', ' || organization.name || ' ' || ceremony.year, - organization.prestige
    FROM nomination_films AS ours
    INNER JOIN festival_nominations AS nomination ON nomination.id = ours.nomination_id
    INNER JOIN festival_nominations AS other
        ON other.ceremony_id = nomination.ceremony_id AND other.category_id = nomination.category_id
    INNER JOIN nomination_films AS found ON found.nomination_id = other.id AND found.movie_id = ANY (%(movie_ids)s::bigint[])
    INNER JOIN festival_categories AS category ON category.id = nomination.category_id
    INNER JOIN festival_ceremonies AS ceremony ON ceremony.id = nomination.ceremony_id
    INNER JOIN festival_organizations AS organization ON organization.id = ceremony.organization_id
    WHERE ours.movie_id = %(movie_id)s
    UNION ALL
    SELECT theirs.movie_id, 'genres', genre.name, ours.position
    FROM movie_genres AS ours
    INNER JOIN movie_genres AS theirs ON theirs.genre_id = ours.genre_id AND theirs.movie_id = ANY (%(movie_ids)s::bigint[])
    INNER JOIN genres AS genre ON genre.id = ours.genre_id
    WHERE ours.movie_id = %(movie_id)s
    UNION ALL
    SELECT other.id, 'language', coalesce(language.english_name, seed.original_language), 0.0
    FROM seed
    INNER JOIN other ON other.original_language = seed.original_language
    LEFT JOIN languages AS language ON language.code = seed.original_language
)
SELECT movie_id, kind, array_agg(name ORDER BY place, name) AS names
FROM (SELECT movie_id, kind, name, min(place) AS place FROM shared GROUP BY movie_id, kind, name) AS told
GROUP BY movie_id, kind
ORDER BY movie_id, kind
