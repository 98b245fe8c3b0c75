-- Let a message be sent to each of some addresses.
-- Parameters: targets jsonb: array of {target, name text}; title, body text; is_test boolean; real_now timestamptz.
-- Returns: nothing; its row count is how many. Locks: the new rows.
INSERT INTO alert_messages (created_at, next_try_at, is_test, target, name, title, body)
SELECT %(real_now)s, %(real_now)s, %(is_test)s, told.target, told.name, %(title)s, %(body)s
FROM jsonb_to_recordset(%(targets)s) AS told (target text, name text)
