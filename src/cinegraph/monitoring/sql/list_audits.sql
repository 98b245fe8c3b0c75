-- The last look at each thing that has to be true, by name. Returns: rows. Locks: none.
SELECT name, offenders, example, checked_at, good_at FROM self_audits ORDER BY name
