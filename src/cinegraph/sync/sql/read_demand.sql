-- What asks for films beside looks at votes.
-- Parameters: source, kind text; now timestamptz.
-- Returns: one row: films: stored and live; backlog: wanted now and never fetched; changed_a_day, pages_a_day double
-- precision: of the feed's last two weeks that are done, null where there are none.
-- Locks: none. Index: sync_ledger_wanted_index; the counts are kept.
SELECT
    (
        SELECT coalesce(sum(things), 0)::bigint FROM sync_ledger_totals
        WHERE source = %(source)s AND kind = %(kind)s AND state IN ('fresh', 'queued') AND checked_on IS NOT NULL
    ) AS films,
    (
        SELECT count(*) FROM sync_ledger
        WHERE source = %(source)s AND kind = %(kind)s AND state = 'wanted' AND due_at <= %(now)s
    ) AS backlog,
    avg(recent.known_ids)::double precision AS changed_a_day,
    avg(recent.pages)::double precision AS pages_a_day
FROM (
    SELECT known_ids, pages FROM change_windows
    WHERE source = %(source)s AND kind = %(kind)s AND state = 'done'
    ORDER BY day DESC
    LIMIT 14
) AS recent
