-- Counts of the ledger that are not those of its rows.
-- Returns: one row: offenders (counts), example. Locks: none; one snapshot, so that both sides are of one moment.
WITH counted AS (
    SELECT source, kind, state, checked_on(checked_at) AS checked_on, count(*) AS things
    FROM sync_ledger
    GROUP BY 1, 2, 3, 4
), kept AS (
    SELECT source, kind, state, checked_on, things FROM sync_ledger_totals WHERE things <> 0
)
SELECT
    count(*) AS offenders,
    min(format(
        '%%s %%s %%s of %%s: %%s rows, counted %%s',
        coalesce(counted.source, kept.source), coalesce(counted.kind, kept.kind), coalesce(counted.state, kept.state),
        coalesce(counted.checked_on, kept.checked_on), coalesce(counted.things, 0), coalesce(kept.things, 0)
    )) AS example
FROM counted
FULL JOIN kept USING (source, kind, state, checked_on)
WHERE counted.things IS DISTINCT FROM kept.things
