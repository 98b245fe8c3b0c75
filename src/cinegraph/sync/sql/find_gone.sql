-- Find films that two kinds of evidence show as gone: denied often enough, hours apart, and missing from enough complete
-- lists in a row. A film that was never listed is missing since the day after it was first stored.
-- Parameters: source, kind, list_kind text; denials smallint, exports integer: how many are enough; limit integer.
-- Returns: is_allowed; movie_id, denied_at, last_denied_at, denials, missing_since, exports; by external_id.
-- Locks: the ledger's rows, so that nobody finds such a film meanwhile; those that somebody is at are left.
WITH lists AS MATERIALIZED (
    SELECT listed_on
    FROM export_snapshots
    WHERE source = %(source)s AND kind = %(list_kind)s AND state = 'merged'
)
SELECT
    coalesce(held.allowed_at IS NOT NULL, false) AS is_allowed,
    film.id AS movie_id, entry.denied_at, entry.last_denied_at, entry.denials, absence.missing_since, absence.exports
FROM sync_ledger AS entry
INNER JOIN movies AS film ON film.tmdb_id = entry.external_id AND film.gone_at IS NULL
LEFT JOIN listed_movies AS listed ON listed.tmdb_id = entry.external_id
LEFT JOIN held_burials AS held ON held.movie_id = film.id
CROSS JOIN LATERAL (
    SELECT since.missing_since, (SELECT count(*) FROM lists WHERE lists.listed_on >= since.missing_since) AS exports
    FROM (
        SELECT CASE
            WHEN listed.kind = %(list_kind)s THEN listed.missing_since
            WHEN listed.tmdb_id IS NULL AND NOT film.is_adult
                THEN (film.created_at AT TIME ZONE 'UTC')::date + 1
        END AS missing_since
    ) AS since
) AS absence
WHERE entry.source = %(source)s
  AND entry.kind = %(kind)s
  AND entry.state = 'absent'
  AND entry.denials >= %(denials)s
  AND absence.missing_since IS NOT NULL
  AND absence.exports >= %(exports)s
ORDER BY entry.external_id
LIMIT %(limit)s
FOR NO KEY UPDATE OF entry SKIP LOCKED
