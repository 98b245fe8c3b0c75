-- How many rows each table has had inserted, updated and deleted by this session lately; the difference of two readings
-- within one transaction is what it did in between. Row locks count as nothing, and
-- tables that count other tables' rows, or tell of their changes, are left out.
-- Parameters: none. Returns: relname, rows; no row for a table that was left alone. Locks: none.
SELECT relname, n_tup_ins + n_tup_upd + n_tup_del
FROM pg_stat_xact_user_tables
WHERE right(relname, 7) <> '_deltas' AND relname <> 'change_entries'
  AND n_tup_ins + n_tup_upd + n_tup_del > 0
