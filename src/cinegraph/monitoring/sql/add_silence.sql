-- Let alerts of a kind be silent for a while.
-- Parameters: kind text; subject text or null: all of the kind; who text; real_now, until timestamptz.
-- Returns: id. Locks: the new row.
INSERT INTO alert_silences (created_at, until, kind, subject, who)
VALUES (%(real_now)s, %(until)s, %(kind)s, %(subject)s, %(who)s)
RETURNING id
