-- How many things are in each state at each source.
-- Parameters: none. Returns: source, kind, state, things; none of 0. Locks: none.
SELECT source, kind, state, sum(things)::bigint AS things
FROM sync_ledger_totals
GROUP BY source, kind, state
HAVING sum(things) <> 0
ORDER BY source, kind, state
