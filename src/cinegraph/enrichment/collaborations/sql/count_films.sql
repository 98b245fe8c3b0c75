-- Make what is counted of films equal to what is given, and move the totals of their pairs by the difference.
-- Parameters: films jsonb, [{"movie_id", "year", "rating_thousandths", "revenue_usd", "people": [{"person_id", "roles"}]}];
-- now timestamptz. The caller has locked the films and read them in another statement before.
-- Returns: person_a_id, person_b_id, is_empty of the pairs that have no film left, or whose first or latest year may be
-- another one now. Locks: the pairs that change, in order of their ids, one stream whether they are new or not.
-- Index: primary keys.
WITH given AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(%(films)s::jsonb) AS film (
        movie_id bigint, year smallint, rating_thousandths integer, revenue_usd bigint, people jsonb
    )
), fresh AS MATERIALIZED (
    SELECT given.movie_id, person.person_id, person.roles
    FROM given
    CROSS JOIN LATERAL jsonb_to_recordset(given.people) AS person (person_id bigint, roles text[])
), stale AS MATERIALIZED (
    SELECT person.movie_id, person.person_id, person.roles
    FROM given
    CROSS JOIN LATERAL (
        SELECT * FROM collaboration_people AS stored WHERE stored.movie_id = given.movie_id
        OFFSET 0 -- or the planner may read the whole table to hash it
    ) AS person
), pair AS (
    SELECT a.person_id AS person_a_id, b.person_id AS person_b_id, 1 AS films, film.year, film.rating_thousandths, film.revenue_usd
    FROM fresh AS a
    INNER JOIN fresh AS b ON b.movie_id = a.movie_id AND b.person_id > a.person_id
    INNER JOIN given AS film ON film.movie_id = a.movie_id
    UNION ALL
    SELECT a.person_id, b.person_id, -1, film.year, film.rating_thousandths, film.revenue_usd
    FROM stale AS a
    INNER JOIN stale AS b ON b.movie_id = a.movie_id AND b.person_id > a.person_id
    INNER JOIN collaboration_movies AS film ON film.movie_id = a.movie_id
), difference AS MATERIALIZED (
    SELECT moved.*, moved.stale_first < coalesce(moved.first_year, 9999)
        OR moved.stale_latest > coalesce(moved.latest_year, -1) AS has_lost_year
    FROM (
        SELECT
            person_a_id, person_b_id,
            sum(films) AS films,
            sum(films) FILTER (WHERE rating_thousandths IS NOT NULL) AS rated_films,
            sum(films * rating_thousandths) AS rating_thousandths,
            sum(films * revenue_usd) AS revenue_usd,
            min(year) FILTER (WHERE films = 1) AS first_year,
            max(year) FILTER (WHERE films = 1) AS latest_year,
            min(year) FILTER (WHERE films = -1) AS stale_first,
            max(year) FILTER (WHERE films = -1) AS stale_latest
        FROM pair
        GROUP BY person_a_id, person_b_id
    ) AS moved
    WHERE moved.films <> 0
       OR moved.rated_films <> 0
       OR moved.rating_thousandths <> 0
       OR moved.revenue_usd <> 0
       OR (moved.first_year, moved.latest_year) IS DISTINCT FROM (moved.stale_first, moved.stale_latest)
), total AS (
    INSERT INTO collaborations AS pair (
        person_a_id, person_b_id, films, rated_films, rating_thousandths, revenue_usd, first_year, latest_year
    )
    SELECT
        person_a_id, person_b_id, films, coalesce(rated_films, 0), coalesce(rating_thousandths, 0), nullif(revenue_usd, 0),
        first_year, latest_year
    FROM difference
    ORDER BY person_a_id, person_b_id
    ON CONFLICT (person_a_id, person_b_id) DO UPDATE SET
        films = pair.films + excluded.films,
        rated_films = pair.rated_films + excluded.rated_films,
        rating_thousandths = pair.rating_thousandths + excluded.rating_thousandths,
        revenue_usd = nullif(coalesce(pair.revenue_usd, 0) + coalesce(excluded.revenue_usd, 0), 0),
        first_year = least(pair.first_year, excluded.first_year),
        latest_year = greatest(pair.latest_year, excluded.latest_year)
    RETURNING pair.person_a_id, pair.person_b_id, pair.films
), gone AS (
    DELETE FROM collaboration_people AS stored
    USING stale
    WHERE stored.movie_id = stale.movie_id
      AND stored.person_id = stale.person_id
      AND NOT EXISTS (
          SELECT FROM fresh WHERE fresh.movie_id = stale.movie_id AND fresh.person_id = stale.person_id
      )
), altered AS (
    UPDATE collaboration_people AS stored SET roles = fresh.roles
    FROM fresh
    INNER JOIN stale ON stale.movie_id = fresh.movie_id AND stale.person_id = fresh.person_id
    WHERE stored.movie_id = fresh.movie_id AND stored.person_id = fresh.person_id AND stale.roles <> fresh.roles
), added AS (
    INSERT INTO collaboration_people (movie_id, person_id, roles)
    SELECT fresh.movie_id, fresh.person_id, fresh.roles
    FROM fresh
    WHERE NOT EXISTS (
        SELECT FROM stale WHERE stale.movie_id = fresh.movie_id AND stale.person_id = fresh.person_id
    )
), noted AS (
    UPDATE collaboration_movies AS film SET
        year = given.year,
        rating_thousandths = given.rating_thousandths,
        revenue_usd = given.revenue_usd,
        changed_at = %(now)s
    FROM given
    WHERE film.movie_id = given.movie_id
)
SELECT total.person_a_id, total.person_b_id, total.films = 0 AS is_empty
FROM total
INNER JOIN difference
    ON difference.person_a_id = total.person_a_id AND difference.person_b_id = total.person_b_id
WHERE total.films = 0 OR difference.has_lost_year
