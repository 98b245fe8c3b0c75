-- What: when all rules were last looked at. Parameters: none. Returns: one timestamptz (real time), or no row. Locks: none.
SELECT checked_at FROM alert_checks
