-- What films say now, and what is counted of them; for films that the caller has locked.
-- Parameters: movie_ids bigint[]; jobs text[] (of the crew that may count).
-- Returns: movie_id, is_live, year, rating_thousandths, revenue_usd, credited jsonb ([person_id, job or null for cast] in
-- the order of billing, crew in the order of the source), counted jsonb. Index: primary keys.
SELECT
    film.id,
    film.gone_at IS NULL AS is_live,
    extract(YEAR FROM film.release_date)::smallint AS year,
    round(rating.value * 1000)::integer AS rating_thousandths,
    nullif(film.revenue_usd, 0) AS revenue_usd,
    (
        SELECT coalesce(jsonb_agg(
            jsonb_build_array(credit.person_id, CASE WHEN credit.kind = 'crew' THEN credit.job END)
            ORDER BY credit.position NULLS LAST, credit.credit_id
        ), '[]')
        FROM credits AS credit
        WHERE credit.movie_id = film.id
          AND (credit.kind = 'cast' OR credit.job = ANY (%(jobs)s::text[]))
    ) AS credited,
    jsonb_build_object(
        'year', counted.year,
        'rating_thousandths', counted.rating_thousandths,
        'revenue_usd', counted.revenue_usd,
        'people', (
            SELECT coalesce(jsonb_object_agg(person.person_id, person.roles), '{}')
            FROM collaboration_people AS person
            WHERE person.movie_id = film.id
        )
    ) AS counted
FROM collaboration_movies AS counted
INNER JOIN movies AS film ON film.id = counted.movie_id
LEFT JOIN ratings AS rating ON rating.movie_id = film.id AND rating.source = 'tmdb' AND rating.kind = 'user_score'
WHERE counted.movie_id = ANY (%(movie_ids)s::bigint[])
