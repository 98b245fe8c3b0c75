-- How many connections the server gives to an ordinary user, other users' included.
-- Parameters: none. Returns: one integer. Locks: none.
SELECT
    current_setting('max_connections')::integer
    - current_setting('superuser_reserved_connections')::integer
    - current_setting('reserved_connections')::integer
