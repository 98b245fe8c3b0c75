-- What: notes that all rules were looked at. Parameters: at timestamptz, real time. Returns: nothing. Locks: its row.
INSERT INTO alert_checks (checked_at) VALUES (%(at)s)
ON CONFLICT (one) DO UPDATE SET checked_at = excluded.checked_at
