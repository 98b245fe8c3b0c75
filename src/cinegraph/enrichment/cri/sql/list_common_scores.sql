-- Films that were scored by two versions of the formula. Parameters: a, b text.
-- Returns: movie_id, tmdb_id, title, year, score_a, score_b of each, by film. Index: primary keys.
WITH scored AS (
    SELECT movie_id, version, score FROM cri_scores WHERE score IS NOT NULL
    UNION ALL
    SELECT earlier.movie_id, earlier.version, earlier.score
    FROM cri_earlier_scores AS earlier
    LEFT JOIN cri_scores AS stored ON stored.movie_id = earlier.movie_id
    -- Scored by that version again since: what it said before is no longer what it says.
    WHERE stored.version IS DISTINCT FROM earlier.version
)
SELECT
    film.id, film.tmdb_id, film.title, extract(YEAR FROM film.release_date)::integer, one.score, other.score
FROM scored AS one
INNER JOIN scored AS other ON other.movie_id = one.movie_id AND other.version = %(b)s
INNER JOIN movies AS film ON film.id = one.movie_id
WHERE one.version = %(a)s
ORDER BY film.id
