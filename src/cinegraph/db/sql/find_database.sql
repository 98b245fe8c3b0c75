-- Whether the server has a database of this name.
-- Parameters: name text.
-- Returns: one row when it has, else none.
-- Locks: none.
SELECT 1 AS found
  FROM pg_database
 WHERE datname = %(name)s;
