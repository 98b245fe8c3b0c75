-- What a backup has to know of the database before it starts.
-- Parameters: none.
-- Returns: one row: size_bytes bigint, table_count bigint (tables outside PostgreSQL's own schemas).
-- Locks: none.
SELECT pg_database_size(current_database()) AS size_bytes,
       count(*) AS table_count
  FROM pg_tables
 WHERE schemaname NOT IN ('pg_catalog', 'information_schema');
