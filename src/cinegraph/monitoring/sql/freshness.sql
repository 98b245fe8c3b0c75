-- How old films are by popularity: of the 100, 1,000 and 5,000 most popular ones from their rows, of all from the counts that are kept.
-- Parameters: source, kind text. Returns: band (1: the first 100, 2: to 1,000, 3: to 5,000, 4: all others), checked_on (UTC day on which the
-- source last answered; -infinity: never), things; films that are absent do not count. Locks: none; one snapshot, so that the difference is
-- right. Index: movies_popularity_index, primary key of sync_ledger; some 100 ms however many films there are.
WITH popular AS MATERIALIZED (
    SELECT tmdb_id, row_number() OVER (ORDER BY popularity DESC NULLS LAST) AS rank
    FROM (
        SELECT tmdb_id, popularity FROM movies
        WHERE gone_at IS NULL
        ORDER BY popularity DESC NULLS LAST
        LIMIT 5000
    ) AS first
), placed AS MATERIALIZED (
    SELECT
        CASE WHEN popular.rank <= 100 THEN 1 WHEN popular.rank <= 1000 THEN 2 ELSE 3 END AS band,
        checked_on(entry.checked_at) AS checked_on, count(*) AS things
    FROM popular
    INNER JOIN sync_ledger AS entry
        ON entry.source = %(source)s AND entry.kind = %(kind)s AND entry.external_id = popular.tmdb_id
    WHERE entry.state <> 'absent'
    GROUP BY 1, 2
)
SELECT band, checked_on::text AS checked_on, sum(things)::bigint AS things
FROM (
    SELECT band, checked_on, things FROM placed
    UNION ALL
    SELECT 4, checked_on, -things FROM placed
    UNION ALL
    SELECT 4, checked_on, things FROM sync_ledger_totals
    WHERE source = %(source)s AND kind = %(kind)s AND state <> 'absent'
) AS each
GROUP BY band, checked_on
HAVING sum(things) <> 0
ORDER BY band, checked_on
