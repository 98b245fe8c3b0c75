-- Say something to whoever listens for an echo.
-- Parameters: payload text. Returns: nothing of use. Locks: none.
SELECT pg_notify('cinegraph_echo', %(payload)s)
