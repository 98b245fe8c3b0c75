-- One film as a person wants to see it, in one row; lists come as JSON in their own order.
-- Parameters: movie_id bigint. Returns: the columns of browse.MovieDetails. Index: primary keys.
SELECT
    movies.id, movies.tmdb_id, movies.imdb_id, movies.title, movies.original_title, movies.original_language,
    movies.release_date, movies.runtime_minutes, movies.status, movies.overview, movies.budget_usd,
    movies.revenue_usd, movies.popularity, movies.gone_at, collections.name AS collection,
    ARRAY(
        SELECT genres.name FROM movie_genres JOIN genres ON genres.id = movie_genres.genre_id
        WHERE movie_genres.movie_id = movies.id ORDER BY movie_genres.position
    ) AS genres,
    ARRAY(
        SELECT companies.name FROM movie_companies JOIN companies ON companies.id = movie_companies.company_id
        WHERE movie_companies.movie_id = movies.id ORDER BY movie_companies.position
    ) AS companies,
    ARRAY(
        SELECT coalesce(countries.name, countries.code)
        FROM movie_countries JOIN countries ON countries.code = movie_countries.country_code
        WHERE movie_countries.movie_id = movies.id AND movie_countries.kind = 'production'
        ORDER BY movie_countries.position
    ) AS countries,
    ARRAY(
        SELECT keywords.name FROM movie_keywords JOIN keywords ON keywords.id = movie_keywords.keyword_id
        WHERE movie_keywords.movie_id = movies.id ORDER BY keywords.name
    ) AS keywords,
    ARRAY(
        SELECT people.name FROM credits JOIN people ON people.id = credits.person_id
        WHERE credits.movie_id = movies.id AND credits.kind = 'crew' AND credits.job = 'Director'
        ORDER BY credits.position, people.name
    ) AS directors,
    coalesce((
        SELECT jsonb_agg(billed ORDER BY billed.position, billed.name)
        FROM (
            SELECT people.name, people.id AS person_id, credits.kind, credits.job, credits.character, credits.position
            FROM credits JOIN people ON people.id = credits.person_id
            WHERE credits.movie_id = movies.id AND credits.kind = 'cast'
            ORDER BY credits.position, people.name
            LIMIT 10
        ) AS billed
    ), '[]') AS cast,
    (SELECT count(*) FROM credits WHERE credits.movie_id = movies.id AND credits.kind = 'cast') AS cast_count,
    (SELECT count(*) FROM credits WHERE credits.movie_id = movies.id AND credits.kind = 'crew') AS crew_count,
    coalesce((
        SELECT jsonb_agg(ratings ORDER BY ratings.source, ratings.kind)
        FROM ratings
        WHERE ratings.movie_id = movies.id
    ), '[]') AS ratings,
    (
        SELECT max(documents.checked_at)
        FROM documents
        WHERE documents.kind = 'movie' AND documents.external_id = movies.tmdb_id::text
    ) AS fetched_at,
    movies.updated_at
FROM movies
LEFT JOIN collections ON collections.id = movies.collection_id
WHERE movies.id = %(movie_id)s
