-- Ask for films by their IMDb ids, whoever names them. Parameters: imdb_ids text[]; again_before timestamptz: what was denied before
-- then is asked for again; now timestamptz. Returns: id, tmdb_id (null: to be asked for; else it was found, and only has to be
-- fetched). Locks: the lookups, in order of imdb_id. Index: unique imdb_id.
WITH named AS MATERIALIZED (
    SELECT DISTINCT given.imdb_id FROM unnest(%(imdb_ids)s::text[]) AS given (imdb_id)
), entered AS (
    INSERT INTO festival_lookups AS known (kind, imdb_id, state, created_at)
    SELECT 'film', named.imdb_id, 'wanted', %(now)s
    FROM named
    ORDER BY named.imdb_id
    ON CONFLICT (imdb_id) WHERE imdb_id IS NOT NULL DO UPDATE SET state = 'wanted', reason = NULL
    WHERE known.state IN ('absent', 'unsure') AND known.asked_at < %(again_before)s
    RETURNING known.id, known.tmdb_id
)
SELECT id, tmdb_id FROM entered
UNION
SELECT known.id, known.tmdb_id
FROM named
INNER JOIN festival_lookups AS known ON known.imdb_id = named.imdb_id
WHERE known.kind = 'film' AND known.state IN ('wanted', 'found')
ORDER BY 1
