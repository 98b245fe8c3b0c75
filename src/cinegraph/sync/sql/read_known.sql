-- What the deployment has already of the catalogue, or of a range of ids.
-- Parameters: first_id, last_id bigint or null. Returns: one row: listed, answered, titles_answered. Locks: none.
-- Index: primary keys; without a range the counts that are kept.
SELECT
    CASE
        WHEN %(first_id)s::bigint IS NULL
            THEN (SELECT count(*) FROM listed_movies WHERE missing_since IS NULL)
        ELSE 0
    END AS listed,
    CASE
        WHEN %(first_id)s::bigint IS NULL THEN (
            SELECT coalesce(sum(things), 0)::bigint FROM sync_ledger_totals
            WHERE source = 'tmdb' AND kind = 'movie' AND state IN ('fresh', 'empty', 'absent')
        )
        ELSE (
            SELECT count(*) FROM sync_ledger
            WHERE source = 'tmdb' AND kind = 'movie' AND state IN ('fresh', 'empty', 'absent')
              AND external_id BETWEEN %(first_id)s AND %(last_id)s
        )
    END AS answered,
    CASE
        WHEN %(first_id)s::bigint IS NULL THEN (
            SELECT coalesce(sum(things), 0)::bigint FROM sync_ledger_totals
            WHERE source = 'omdb' AND kind = 'movie' AND state IN ('fresh', 'empty', 'absent')
        )
        ELSE (
            SELECT count(*) FROM sync_ledger
            WHERE source = 'omdb' AND kind = 'movie' AND state IN ('fresh', 'empty', 'absent')
              AND external_id BETWEEN %(first_id)s AND %(last_id)s
        )
    END AS titles_answered
