-- What: sends a signal to every listener; a node waits for its own.
-- Parameters: channel, payload text. Returns: nothing of use. Locks: none.
SELECT pg_notify(%(channel)s, %(payload)s)
