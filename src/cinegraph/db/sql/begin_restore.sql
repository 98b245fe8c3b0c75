-- Opens the transaction of a restore; what follows is the backup, then COMMIT when it came whole.
-- Parameters: none; read by psql.
-- Returns: nothing.
-- Locks: none yet.
BEGIN;
SET LOCAL lock_timeout = '10s';
