-- Empties the schema that holds all of Cinegraph, within the transaction of a restore.
-- Parameters: none; read by psql.
-- Returns: nothing.
-- Locks: every table of the schema, exclusively; bounded by lock_timeout.
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
