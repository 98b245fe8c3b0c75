-- Make stored scores equal to computed ones; rows that are equal are not touched, and the last score by another version of
-- the formula is kept.
-- Parameters: films jsonb, [{"m": movie_id, "s": score, "c": confidence, "t", "p", "a", "i", "r": the dimensions,
-- "e": evidence, "h": shares, "x": impossible}]; version text; now timestamptz.
-- Returns: movie_id of each that changed. Locks: their rows, in order of id; the caller holds the films' locks.
-- Index: primary key.
WITH given AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(%(films)s::jsonb)
        AS film (m bigint, s real, c real, t real, p real, a real, i real, r real, e real[], h real[], x text)
), replaced AS (
    INSERT INTO cri_earlier_scores AS known (movie_id, version, score, confidence)
    SELECT stored.movie_id, stored.version, stored.score, stored.confidence
    FROM given
    INNER JOIN cri_scores AS stored ON stored.movie_id = given.m
    WHERE stored.version <> %(version)s AND stored.score IS NOT NULL
    ORDER BY stored.movie_id
    ON CONFLICT (version, movie_id) DO UPDATE SET score = excluded.score, confidence = excluded.confidence
)
INSERT INTO cri_scores AS known (
    movie_id, computed_at, score, confidence, timelessness, penetration, artistry, institutions, reception, version, evidence,
    shares, impossible
)
SELECT
    given.m, %(now)s, given.s, given.c, given.t, given.p, given.a, given.i, given.r, %(version)s, given.e, given.h, given.x
FROM given
LEFT JOIN cri_scores AS stored ON stored.movie_id = given.m
WHERE stored.movie_id IS NULL
   OR (
       stored.score, stored.confidence, stored.timelessness, stored.penetration, stored.artistry, stored.institutions,
       stored.reception, stored.version, stored.evidence, stored.shares, stored.impossible
   ) IS DISTINCT FROM (
       given.s, given.c, given.t, given.p, given.a, given.i, given.r, %(version)s, given.e, given.h, given.x
   )
ORDER BY given.m
ON CONFLICT (movie_id) DO UPDATE SET
    computed_at = excluded.computed_at,
    score = excluded.score,
    confidence = excluded.confidence,
    timelessness = excluded.timelessness,
    penetration = excluded.penetration,
    artistry = excluded.artistry,
    institutions = excluded.institutions,
    reception = excluded.reception,
    version = excluded.version,
    evidence = excluded.evidence,
    shares = excluded.shares,
    impossible = excluded.impossible
RETURNING movie_id
