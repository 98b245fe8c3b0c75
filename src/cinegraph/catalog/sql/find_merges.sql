-- Redirect films that went lately to the live film that has their IMDb id now, or the same Wikidata id. What a person has
-- undone is not done again.
-- Parameters: since, now timestamptz. Returns: from_movie_id, to_movie_id of each. Locks: new rows only.
-- Index: tombstones_standing_index, movies_imdb_id_index, movie_external_ids_wikidata_index.
WITH former AS MATERIALIZED (
    SELECT stone.movie_id AS id
    FROM tombstones AS stone
    WHERE stone.revived_at IS NULL
      AND stone.buried_at > %(since)s
      AND NOT EXISTS (
          SELECT FROM movie_redirects AS known
          WHERE known.from_movie_id = stone.movie_id AND known.undone_at IS NULL
      )
), evidence AS (
    SELECT former.id AS from_id, heir.id AS to_id, 'imdb_id' AS kind, claim.imdb_id AS detail, 0.95 AS confidence
    FROM former
    INNER JOIN imdb_claims AS claim ON claim.movie_id = former.id
    INNER JOIN movies AS heir ON heir.imdb_id = claim.imdb_id
    WHERE heir.id <> former.id AND heir.gone_at IS NULL
    UNION ALL
    SELECT former.id, heir.id, 'wikidata_id', its.value, 0.8
    FROM former
    INNER JOIN movie_external_ids AS its ON its.movie_id = former.id AND its.site = 'wikidata'
    INNER JOIN movie_external_ids AS same ON same.site = 'wikidata' AND same.value = its.value
    INNER JOIN movies AS heir ON heir.id = same.movie_id
    WHERE heir.id <> former.id AND heir.gone_at IS NULL
)
INSERT INTO movie_redirects (from_movie_id, to_movie_id, evidence, detail, confidence, found_at)
SELECT DISTINCT ON (from_id) from_id, to_id, kind, detail, confidence, %(now)s
FROM evidence
WHERE NOT EXISTS (
    SELECT FROM movie_redirects AS undone
    WHERE undone.from_movie_id = evidence.from_id AND undone.to_movie_id = evidence.to_id
)
ORDER BY from_id, confidence DESC, to_id
ON CONFLICT DO NOTHING
RETURNING from_movie_id, to_movie_id
