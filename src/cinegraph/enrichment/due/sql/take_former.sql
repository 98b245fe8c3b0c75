-- Take away what is no longer beside films. Parameters: movie_ids bigint[], null: of all films.
-- Returns: movie_id, field, key of each, once. Locks: the rows; the caller has locked the cursor, so nobody else takes them.
-- Index: enrichment_former_movie_index.
WITH taken AS (
    DELETE FROM enrichment_former
    WHERE %(movie_ids)s::bigint[] IS NULL OR movie_id = ANY (%(movie_ids)s::bigint[])
    RETURNING movie_id, field, key
)
SELECT DISTINCT movie_id, field, key FROM taken ORDER BY movie_id, field, key
