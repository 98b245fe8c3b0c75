-- Hear what send_echo.sql sends, from now on.
-- Parameters: none. Returns: nothing. Locks: none.
LISTEN cinegraph_echo
