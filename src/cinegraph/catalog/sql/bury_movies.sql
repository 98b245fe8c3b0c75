-- Mark films as gone, each with its evidence; nothing of them is deleted.
-- Parameters: burials jsonb, [{"movie_id": …, "denied_at": …, "last_denied_at": …, "denials": …, "missing_since": …,
-- "exports": …}]; now timestamptz. Returns: nothing; its row count is how many. Locks: the films, in order of id; those that
-- somebody is at are left for the next time.
WITH given AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(%(burials)s::jsonb) AS burial (
        movie_id bigint, denied_at timestamptz, last_denied_at timestamptz, denials smallint, missing_since date,
        exports integer
    )
), locked AS MATERIALIZED (
    SELECT film.id
    FROM movies AS film
    INNER JOIN given ON given.movie_id = film.id
    WHERE film.gone_at IS NULL
    ORDER BY film.id
    FOR NO KEY UPDATE OF film SKIP LOCKED
), buried AS (
    UPDATE movies AS film SET gone_at = %(now)s, updated_at = %(now)s
    FROM locked
    WHERE film.id = locked.id
    RETURNING film.id
)
INSERT INTO tombstones (movie_id, denied_at, last_denied_at, denials, missing_since, exports, buried_at)
SELECT
    given.movie_id, given.denied_at, given.last_denied_at, given.denials, given.missing_since, given.exports, %(now)s
FROM given
INNER JOIN buried ON buried.id = given.movie_id
ORDER BY given.movie_id
