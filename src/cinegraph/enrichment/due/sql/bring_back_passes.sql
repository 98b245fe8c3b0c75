-- Bring passes back that are wanted later than anything is put off, or are done in the future: the clock was set back.
-- Parameters: now, put_off_until timestamptz. Returns: nothing. Locks: the rows.
UPDATE enrichment_states SET
    wanted_at = CASE WHEN wanted_at > %(put_off_until)s THEN %(now)s ELSE wanted_at END,
    finished_at = least(finished_at, %(now)s)
WHERE wanted_at > %(put_off_until)s OR finished_at > %(now)s
