-- The films of a person, the newest first, those without a date before them.
-- Parameters: person_id bigint; most integer. Returns: movie_id, title, release_date, gone_at, score, roles (what they did, as
-- cast the character). Locks: none. Index: credits_person_id_index, primary keys.
SELECT
    film.id AS movie_id, film.title, film.release_date, film.gone_at, scored.score, work.roles
FROM (
    SELECT
        did.movie_id,
        array_agg(DISTINCT CASE
            WHEN did.kind = 'cast' THEN coalesce('as ' || nullif(did.character, ''), 'cast')
            ELSE coalesce(did.job, did.department, 'crew')
        END) AS roles
    FROM credits AS did
    WHERE did.person_id = %(person_id)s
    GROUP BY did.movie_id
) AS work
INNER JOIN movies AS film ON film.id = work.movie_id
LEFT JOIN cri_scores AS scored ON scored.movie_id = film.id
ORDER BY film.release_date DESC NULLS FIRST, film.id DESC
LIMIT %(most)s
