-- Give each of some IMDb ids to one film: to the one whose statement is the latest. The others have none then.
-- Parameters: imdb_ids text[]; now timestamptz. Returns: tmdb_id of each film that got or lost one.
-- Locks: these films, in order of id; the caller has locked the ids. Index: movies_imdb_id_index,
-- imdb_claims_imdb_id_index.
WITH owner AS MATERIALIZED (
    SELECT DISTINCT ON (claim.imdb_id) claim.imdb_id, claim.movie_id
    FROM imdb_claims AS claim
    WHERE claim.imdb_id = ANY (%(imdb_ids)s::text[])
    ORDER BY claim.imdb_id, claim.stated_at DESC, claim.movie_id DESC
), wrong AS MATERIALIZED (
    SELECT movies.id, NULL::text AS imdb_id
    FROM movies
    INNER JOIN owner ON owner.imdb_id = movies.imdb_id
    WHERE movies.id <> owner.movie_id
    UNION ALL
    SELECT movies.id, owner.imdb_id
    FROM movies
    INNER JOIN owner ON owner.movie_id = movies.id
    WHERE movies.imdb_id IS DISTINCT FROM owner.imdb_id
), mended AS MATERIALIZED (
    -- A film may lose one id and own another: what it owns is what it has.
    SELECT id, max(imdb_id) AS imdb_id FROM wrong GROUP BY id
), locked AS MATERIALIZED (
    SELECT movies.id, mended.imdb_id
    FROM movies
    INNER JOIN mended USING (id)
    ORDER BY movies.id
    FOR NO KEY UPDATE OF movies
), emptied AS (
    DELETE FROM movie_external_ids AS listed
    USING locked
    WHERE listed.movie_id = locked.id AND listed.site = 'imdb' AND locked.imdb_id IS NULL
), listed AS (
    INSERT INTO movie_external_ids (movie_id, site, value)
    SELECT locked.id, 'imdb', locked.imdb_id
    FROM locked
    WHERE locked.imdb_id IS NOT NULL
    ON CONFLICT (movie_id, site) DO UPDATE SET value = excluded.value
)
UPDATE movies SET imdb_id = locked.imdb_id, updated_at = %(now)s
FROM locked
WHERE movies.id = locked.id
RETURNING movies.tmdb_id
