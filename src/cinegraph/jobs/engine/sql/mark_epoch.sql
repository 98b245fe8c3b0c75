-- What: remembers since when heartbeats are complete: a crash of the server empties this table together with them.
-- Parameters: none. Returns: nothing. Locks: its one row, the first time.
INSERT INTO heartbeat_epoch (since)
VALUES (clock_timestamp())
ON CONFLICT DO NOTHING
