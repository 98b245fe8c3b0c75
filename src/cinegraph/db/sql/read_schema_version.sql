-- The version of the schema; the table is missing before the first upgrade.
-- Parameters: none. Returns: version_num varchar. Locks: none.
SELECT version_num FROM cinegraph_schema_version
