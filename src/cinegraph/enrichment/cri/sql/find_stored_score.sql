-- A film's score as it is stored. Parameters: movie_id bigint.
-- Returns: the columns of browse.StoredScore; no row where it was never scored. Locks: none. Index: primary key.
SELECT score, confidence, version, timelessness, penetration, artistry, institutions, reception, impossible, computed_at
FROM cri_scores
WHERE movie_id = %(movie_id)s
