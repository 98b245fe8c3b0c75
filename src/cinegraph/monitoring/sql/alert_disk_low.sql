-- What: the disk of the database is nearly full; known only where the server is our own, on the leading node's machine.
-- Parameters: disk_free bigint: bytes, null: not known; least_bytes bigint; share double precision: of the database's size.
-- Returns: subject, message: one row, or none. Locks: none.
SELECT
    'data folder' AS subject,
    format(
        '%%s are free, and the database takes %%s: when nothing is left it stops',
        pg_size_pretty(%(disk_free)s::bigint), pg_size_pretty(pg_database_size(current_database()))
    ) AS message
WHERE
    %(disk_free)s::bigint IS NOT NULL
    AND %(disk_free)s::bigint < greatest(%(least_bytes)s::bigint, %(share)s * pg_database_size(current_database()))
